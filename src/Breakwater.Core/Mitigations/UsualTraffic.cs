using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Mitigations;

/// <summary>Which share of the network's usual inbound traffic goes where: what a blackhole would take away. Bounded, told once a second.</summary>
/// <remarks>Only the heaviest hosts are known one by one; what is not among them carries so little that leaving it out does not matter.</remarks>
public sealed class UsualTraffic
{
    /// <summary>Weight of the newest second: a tenth of what is new is believed within half a minute, most of it within ten.</summary>
    private const double Newest = 1.0 / 300;

    private const int MaxHosts = 1024;

    private readonly Dictionary<IpAddr, double> _hosts = [];
    private double _total;

    /// <param name="traffic">Rates of the last second.</param>
    /// <param name="attacked">Targets of open incidents: their traffic is not usual, and they keep what they had.</param>
    public void Observe(TrafficSnapshot traffic, IReadOnlyCollection<Prefix> attacked)
    {
        var attack = 0.0;
        var seen = new HashSet<IpAddr>();
        foreach (var host in traffic.TopHosts)
        {
            if (attacked.Any(p => p.Contains(host.Host)))
            {
                attack += Math.Max(0, host.In.BitsPerSecond - _hosts.GetValueOrDefault(host.Host));
                continue;
            }
            seen.Add(host.Host);
            _hosts[host.Host] = Blend(_hosts.GetValueOrDefault(host.Host), host.In.BitsPerSecond);
        }
        foreach (var host in _hosts.Keys.Where(h => !seen.Contains(h) && !attacked.Any(p => p.Contains(h))).ToArray()) _hosts[host] = Blend(_hosts[host], 0);
        _total = Blend(_total, Math.Max(0, traffic.In.BitsPerSecond - attack));
        if (_hosts.Count <= MaxHosts) return;
        foreach (var host in _hosts.OrderBy(h => h.Value).ThenBy(h => h.Key).Take(_hosts.Count - MaxHosts).Select(h => h.Key).ToArray()) _hosts.Remove(host);
    }

    /// <summary>Share of the usual traffic that goes to any of the prefixes, 0 to 1; 0 as long as nothing is known.</summary>
    public double ShareOf(IReadOnlyCollection<Prefix> prefixes) =>
        _total <= 0 ? 0 : Math.Min(1, _hosts.Where(h => prefixes.Any(p => p.Contains(h.Key))).Sum(h => h.Value) / _total);

    private static double Blend(double before, double now) => before + Newest * (now - before);
}
