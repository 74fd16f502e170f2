using System.Text.RegularExpressions;
using System.Xml.Linq;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Server.Reports;

namespace Breakwater.Tests.Server.Reports;

public partial class AnalysisHtmlTests
{
    [Fact]
    public void Holds_the_plot_the_talkers_and_every_incident()
    {
        var html = Render(SampleReport.Attack);
        Assert.Contains("<svg viewBox", html, StringComparison.Ordinal);
        Assert.Contains("1. ddos on 192.0.2.7", html, StringComparison.Ordinal);
        Assert.Contains("2. scan by 203.0.113.9", html, StringComparison.Ordinal);
        Assert.Contains("udp from port 53 to 192.0.2.7, 1200-1500 octets long", html, StringComparison.Ordinal);
        Assert.Contains("2001:db8::5", html, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(html, "<rect class=\"band\""));
    }

    [Fact]
    public void Escapes_whatever_comes_from_outside()
    {
        var html = Render(SampleReport.Attack);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<large>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<12>", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Needs_nothing_from_elsewhere() => Assert.DoesNotMatch(Elsewhere(), Render(SampleReport.Attack));

    [Fact]
    public void Every_plot_is_well_formed_whatever_the_series()
    {
        foreach (var series in new[] { Points(0), Points(1), Points(600), [new TrafficPoint(new Timestamp(0), new long[7], 0)] })
        {
            foreach (var width in new[] { TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1), TimeSpan.FromDays(1) })
            {
                var plot = TrafficPlot.Draw(SampleReport.Attack with { Series = series, PointWidth = width });
                if (series.Count == 0) Assert.Empty(plot);
                else XElement.Parse($"<div>{plot}</div>");
                Assert.DoesNotContain("NaN", plot, StringComparison.Ordinal);
                Assert.DoesNotContain("∞", plot, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_quiet_or_empty_capture_is_a_page_too() => Assert.Contains("No incidents", Render(SampleReport.Quiet), StringComparison.Ordinal);

    private static IReadOnlyList<TrafficPoint> Points(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new TrafficPoint(Timestamp.FromUnixSeconds(i), new long[] { i, 0, i * 1000L, 0, 0, 0, 1 }, i))];

    private static string Render(AnalysisReport report)
    {
        var output = new StringWriter();
        new AnalysisHtml(output).Write(report);
        return output.ToString();
    }

    [GeneratedRegex("(src|href)=\"(?!#)|url\\(|@import|https?://")]
    private static partial Regex Elsewhere();
}
