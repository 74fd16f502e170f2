using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Engine.Notification;

namespace Breakwater.Tests.Engine.Notification;

public class NoticeTextTests
{
    [Fact]
    public void A_flood_is_told_with_its_peak() =>
        Assert.Equal("ddos on 192.0.2.7 opened: syn-flood, peak 80000 packets/s, 38400000 bit/s", Title(Attacks.Incident()));

    [Fact]
    public void What_a_host_did_is_told_with_who_did_it_and_without_rates()
    {
        var guessing = Attacks.Incident() with
        {
            Kind = IncidentKind.BruteForce,
            Host = IpAddr.Parse("203.0.113.9"),
            Vectors = ["ssh-brute-force"],
            PeakPacketsPerSecond = 0,
            PeakBitsPerSecond = 0,
        };
        Assert.Equal("brute-force by 203.0.113.9 on 192.0.2.7 opened: ssh-brute-force", Title(guessing));
        Assert.Equal("infected-host by 203.0.113.9 opened: dga", Title(guessing with { Kind = IncidentKind.InfectedHost, Target = null, Vectors = ["dga"] }));
    }

    private static string Title(Incident incident) => new Notice("n-1", NoticeKind.Opened, Attacks.Now) { Incident = incident }.Title();
}
