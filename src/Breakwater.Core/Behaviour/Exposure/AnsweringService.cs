using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Exposure;

/// <summary>Whom one UDP service of ours answered lately, and how much more than it was asked.</summary>
/// <param name="clients">Addresses that are told apart.</param>
internal sealed class AnsweringService(IpAddr host, ushort port, int clients)
{
    /// <summary>Time within which clients are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly (IpAddr Address, Timestamp Last)[] _clients = new (IpAddr, Timestamp)[clients];
    private readonly List<Flow> _flows = [];
    private Sums _now, _before;
    private Timestamp _windowStart = Timestamp.Min;
    private int _known;

    public IpAddr Host => host;
    public ushort Port => port;
    public Timestamp First { get; private set; } = Timestamp.Max;
    public Timestamp Last { get; private set; } = Timestamp.Min;
    public Timestamp ToldAt { get; set; } = Timestamp.Min;
    public bool IsDirty { get; set; }
    public IReadOnlyList<Flow> Flows => _flows;

    public long AnswerBytes => _now.AnswerBytes + _before.AnswerBytes;
    public long RequestBytes => _now.RequestBytes + _before.RequestBytes;
    public long AnswerPackets => _now.AnswerPackets + _before.AnswerPackets;
    public long RequestPackets => _now.RequestPackets + _before.RequestPackets;
    public long Sampled => _now.Sampled + _before.Sampled;

    public double SamplingRate => Sampled == 0 ? 1 : Math.Max(1, (double)(AnswerPackets + RequestPackets) / Sampled);

    public void Answer(in Flow flow)
    {
        Move(flow.End);
        _now.AnswerBytes += flow.Bytes;
        _now.AnswerPackets += flow.Packets;
        _now.Sampled += flow.SampledPackets;
        if (flow.Start < First) First = flow.Start;
        if (flow.End > Last) Last = flow.End;
        IsDirty = true;
        if (IsNew(flow.Destination, flow.End) && _flows.Count < Sign.MaxFlows) _flows.Add(flow);
    }

    public void Request(in Flow flow)
    {
        Move(flow.End);
        _now.RequestBytes += flow.Bytes;
        _now.RequestPackets += flow.Packets;
        _now.Sampled += flow.SampledPackets;
    }

    /// <summary>Addresses answered within the window that ends now, up to as many as are told apart.</summary>
    public int ClientsAt(Timestamp now)
    {
        var count = 0;
        foreach (ref readonly var client in _clients.AsSpan(0, _known))
            if (now - client.Last <= Window) count++;
        return count;
    }

    /// <returns>True for an address that is not among those known.</returns>
    private bool IsNew(in IpAddr address, Timestamp time)
    {
        var oldest = 0;
        for (var i = 0; i < _known; i++)
        {
            if (_clients[i].Address == address)
            {
                if (time > _clients[i].Last) _clients[i].Last = time;
                // Who is answered much is found at once next time.
                if (i > 0) (_clients[0], _clients[i]) = (_clients[i], _clients[0]);
                return false;
            }
            if (_clients[i].Last < _clients[oldest].Last) oldest = i;
        }
        _clients[_known < _clients.Length ? _known++ : oldest] = (address, time);
        return true;
    }

    private void Move(Timestamp time)
    {
        if (time - _windowStart <= Window) return;
        // What is older than two windows says nothing of now.
        _before = time - _windowStart <= Window * 2 ? _now : default;
        _now = default;
        _windowStart = time;
    }

    private struct Sums
    {
        public long AnswerBytes, RequestBytes, AnswerPackets, RequestPackets, Sampled;
    }
}
