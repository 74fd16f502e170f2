using System.Text;
using Breakwater.Core.Detection;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Core.Sharing;
using Breakwater.Protocols.Stix;
using Breakwater.Tests.Core.Incidents;

namespace Breakwater.Tests.Core.Sharing;

/// <summary>Incidents and policies for the tests of sharing.</summary>
internal static class SharedSamples
{
    public static readonly Guid Space = Guid.Parse("3f1f7a3e-5d57-4c7e-9a3b-6a5c1c0d2e4f");

    public static HomeNetwork Home { get; } = new([Prefix.Parse("192.0.2.0/24"), Prefix.Parse("2001:db8:1::/48")], []);

    public static StixSettings Stix { get; } = new(Space, "Example Networks", "soc@example.net", Tlp1: false, TimeSpan.FromDays(7));

    /// <summary>Real sources: nothing of the attack is forged.</summary>
    public static Incident Reflection(string id = "ddos-1") => IncidentSamples.DnsAmplification(id) with { ForgedShare = 0 };

    public static SharingPolicy Policy(Action<SharingOptions>? configure = null)
    {
        var options = new SharingOptions { Organisation = "Example Networks", Contact = "soc@example.net" };
        configure?.Invoke(options);
        return new SharingPolicy(options, Home, id => StixId.Uuid5(Space, Encoding.UTF8.GetBytes(id)));
    }

    public static SharedIncident Shared(Incident? incident = null, Action<SharingOptions>? configure = null) =>
        Policy(configure).Decide(incident ?? Reflection(), out var refusal) ?? throw new InvalidOperationException(refusal);
}
