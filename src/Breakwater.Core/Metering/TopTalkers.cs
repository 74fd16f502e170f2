using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Metering;

/// <summary>Who sends and receives most in the running second. Looks at one flow in k, so that a flood costs no more than a quiet network.</summary>
internal sealed class TopTalkers
{
    /// <summary>Flows a second that are looked at; with more, every k-th is and counts k-fold. A second that begins quietly and ends in a flood raises k as it goes.</summary>
    private const int Budget = 4_000;

    private readonly Dictionary<IpAddr, Tally> _hosts = new(Budget);
    private long _flows;
    private int _every = 1;
    private int _skip;
    private int _looked;

    private struct Tally
    {
        public byte Group;
        public double InPackets, InBytes, InFlows, OutPackets, OutBytes, OutFlows;
        public readonly double Bytes => InBytes + OutBytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in Flow flow, int inGroup, int outGroup)
    {
        _flows++;
        if (--_skip <= 0) Look(flow, inGroup, outGroup);
    }

    private void Look(in Flow flow, int inGroup, int outGroup)
    {
        if (++_looked > Budget)
        {
            _looked = 0;
            _every *= 2;
        }
        _skip = _every;
        if (inGroup >= 0) Add(flow.Destination, (byte)inGroup, inbound: true, flow);
        if (outGroup >= 0) Add(flow.Source, (byte)outGroup, inbound: false, flow);
    }

    /// <summary>The heaviest of the second that ends now; starts the next one.</summary>
    public IReadOnlyList<HostRates> Take(int count, IReadOnlyList<string> groupNames, double seconds)
    {
        // Detection waits meanwhile: one pass with a short list, not a sort of everything.
        var heaviest = new List<KeyValuePair<IpAddr, Tally>>(count + 1);
        foreach (var host in _hosts)
        {
            if (heaviest.Count == count && !IsHeavier(host, heaviest[^1])) continue;
            var at = heaviest.Count;
            while (at > 0 && IsHeavier(host, heaviest[at - 1])) at--;
            heaviest.Insert(at, host);
            if (heaviest.Count > count) heaviest.RemoveAt(count);
        }
        _hosts.Clear();
        _every = (int)Math.Max(1, _flows / Budget);
        _flows = _looked = 0;
        return [.. heaviest.Select(h => new HostRates(h.Key, groupNames[h.Value.Group],
            new Rates(h.Value.InPackets / seconds, h.Value.InBytes * 8 / seconds, h.Value.InFlows / seconds),
            new Rates(h.Value.OutPackets / seconds, h.Value.OutBytes * 8 / seconds, h.Value.OutFlows / seconds)))];
    }

    private static bool IsHeavier(in KeyValuePair<IpAddr, Tally> a, in KeyValuePair<IpAddr, Tally> b) =>
        a.Value.Bytes != b.Value.Bytes ? a.Value.Bytes > b.Value.Bytes : a.Key.CompareTo(b.Key) < 0;

    private void Add(in IpAddr host, byte group, bool inbound, in Flow flow)
    {
        if (_hosts.Count >= 2 * Budget && !_hosts.ContainsKey(host)) return;
        ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(_hosts, host, out _);
        tally.Group = group;
        double k = _every;
        if (inbound)
        {
            tally.InPackets += flow.Packets * k;
            tally.InBytes += flow.Bytes * k;
            tally.InFlows += k;
        }
        else
        {
            tally.OutPackets += flow.Packets * k;
            tally.OutBytes += flow.Bytes * k;
            tally.OutFlows += k;
        }
    }
}
