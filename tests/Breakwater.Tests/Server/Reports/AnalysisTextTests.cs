using Breakwater.Core.Incidents;
using Breakwater.Server.Reports;

namespace Breakwater.Tests.Server.Reports;

public class AnalysisTextTests
{
    [Fact]
    public void Says_what_the_capture_is_and_what_happened()
    {
        // Where lines break is another test's concern.
        var text = string.Join(' ', Render(SampleReport.Attack).Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
        foreach (var expected in new[]
        {
            "pcap, 123,456 packets, 98.8 MB at the IP layer",
            "2021-05-15 14:50:40.000 UTC to 2021-05-15 14:51:40.000 UTC (60 s)",
            "home network (inferred; --home sets it): 192.0.2.0/24",
            "! truncated at octet 1204",
            "2 incidents",
            "1. HIGH ddos on 192.0.2.7 (confidence 0.93)",
            "dns-amplification, fragment-flood",
            "(25.5 s, 3 pulses)",
            "120 kpps, 812 Mbit/s",
            "110,000 ±5.9 % packets, 90 MB; data quality coarse",
            "1,234 ±2 %: 198.51.100.1, 2001:db8::53, …",
            "most from 198.51.100.0/24 (61 %), 203.0.113.9 (20 %)",
            "reflection: answers from port 53 120,400/s > 1,000/s; would not have fired at 120,401/s",
            "drop udp from port 53 to 192.0.2.7, 1200-1500 octets long: stops 97 % of the attack, 0.4 % of the",
            "rate-limit to 5 Mbit/s anything to 192.0.2.7: stops 100 % of the attack, no ordinary traffic",
            "2. LOW scan by 203.0.113.9",
            "in all 200 packets Tried",
        })
            Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quiet_capture_says_so() => Assert.Contains("No incidents.", Render(SampleReport.Quiet), StringComparison.Ordinal);

    [Fact]
    public void No_control_character_of_a_file_name_reaches_the_terminal() =>
        Assert.DoesNotContain(Render(SampleReport.Attack), c => char.IsControl(c) && c is not '\n' and not '\r');

    [Fact]
    public void Lines_keep_to_the_width() =>
        Assert.All(Render(SampleReport.Attack, 80).Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 80));

    private static string Render(AnalysisReport report, int width = 100)
    {
        var output = new StringWriter();
        new AnalysisText(output, width).Write(report);
        return output.ToString();
    }
}
