using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Sketches;

namespace Breakwater.Core.Behaviour.Guessing;

/// <summary>The attempts of one host at one service of another: how many, how alike, how regular. Of fixed size; used again.</summary>
internal sealed class GuessSeries
{
    public const uint WindowSeconds = 300;

    /// <summary>Zeek's: thirty failures in thirty minutes.</summary>
    public const uint SlowWindowSeconds = 1_800;

    private readonly FewHitters _sizes = new();
    private readonly Flow[] _flows = new Flow[Sign.MaxFlows];
    private SlidingCount _recent, _slow;
    private int _flowCount;
    private double _gapSum, _gapDeviation;
    private int _gaps;

    public IpAddr Key { get; private set; }
    public IpAddr Host { get; private set; }
    public IpAddr Target { get; private set; }
    public AuthService Service { get; private set; } = AuthService.Ssh;
    public ushort Port { get; private set; }
    public bool IsHome { get; private set; }
    public Timestamp First { get; private set; }
    public Timestamp Last { get; private set; }
    public Timestamp LastStart { get; private set; }
    public long Attempts { get; private set; }

    /// <summary>Connections of the same host to the same service that were work: long, or large.</summary>
    public long Sessions { get; set; }
    public long Packets { get; private set; }
    public long SampledPackets { get; private set; }
    public double SamplingRate { get; private set; }
    public double MostRecent { get; private set; }
    public double MostSlow { get; private set; }
    public bool IsDirty { get; set; }
    public bool IsNamed { get; set; }
    public long ToldAt { get; set; }
    public Timestamp ToldWhen { get; set; }
    public IReadOnlyList<Flow> Flows => _flows[.._flowCount];

    public void Begin(IpAddr key, in Contact contact, AuthService service)
    {
        (Key, Host, Target, Service, Port, IsHome) = (key, contact.Initiator, contact.Responder, service, contact.ServicePort, contact.IsFromHome);
        (First, Last, LastStart) = (contact.Start, contact.Last, Timestamp.Min);
        Attempts = Sessions = Packets = SampledPackets = ToldAt = 0;
        SamplingRate = 1;
        MostRecent = MostSlow = _gapSum = _gapDeviation = 0;
        _gaps = _flowCount = 0;
        IsDirty = IsNamed = false;
        ToldWhen = Timestamp.Min;
        _recent = new SlidingCount(WindowSeconds);
        _slow = new SlidingCount(SlowWindowSeconds);
        _sizes.Clear();
    }

    /// <param name="times">How many attempts it stands for: the first ones are counted before anybody looks.</param>
    /// <param name="alike">Number that attempts which look the same share.</param>
    public void Add(in Contact contact, int alike, int times = 1)
    {
        Attempts += times;
        if (contact.Start < First) First = contact.Start;
        if (contact.Last > Last) Last = contact.Last;
        var seconds = contact.Start.Seconds32;
        _recent.Add(seconds, times);
        _slow.Add(seconds, times);
        MostRecent = Math.Max(MostRecent, _recent.At(seconds));
        MostSlow = Math.Max(MostSlow, _slow.At(seconds));
        _sizes.Add(alike, times);
        AddGap(contact.Start);
        Packets += contact.Packets;
        SampledPackets += contact.SampledPackets;
        SamplingRate = Math.Max(SamplingRate, contact.SamplingRate);
        if (_flowCount < _flows.Length) _flows[_flowCount++] = contact.ToFlow();
        IsDirty = true;
    }

    /// <summary>Share of the attempts whose requests are of one size, within a third: 0 to 1.</summary>
    public double Alikeness() => AlikenessOf(_sizes);

    public static double AlikenessOf(FewHitters sizes)
    {
        // Sizes near the border of two classes fall into both.
        var heaviest = sizes.Heaviest;
        return Math.Min(1, Math.Max(sizes.Share(1), (sizes.WeightOf(heaviest) + Math.Max(sizes.WeightOf(heaviest - 1), sizes.WeightOf(heaviest + 1))) / (double)Math.Max(1, sizes.Total)));
    }

    /// <summary>True when attempts follow each other like a clock, and not fast: a monitor that looks whether the service is there.</summary>
    public bool IsClockwork => _gaps >= 5 && _gapSum / _gaps >= 1 && _gapDeviation / _gaps < 0.1 * _gapSum / _gaps;

    /// <summary>Classes a fifth apart.</summary>
    public static int SizeClass(long bytes) => (int)(Math.Log(Math.Max(1, bytes)) / Math.Log(1.2));

    private void AddGap(Timestamp start)
    {
        if (LastStart != Timestamp.Min)
        {
            var gap = Math.Abs((start - LastStart).TotalSeconds);
            var mean = _gaps > 0 ? _gapSum / _gaps : gap;
            _gapSum += gap;
            _gapDeviation += Math.Abs(gap - mean);
            _gaps++;
        }
        LastStart = start;
    }
}
