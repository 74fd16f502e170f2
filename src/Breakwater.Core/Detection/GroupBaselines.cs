using System.Buffers.Binary;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;

namespace Breakwater.Core.Detection;

/// <summary>What is usual for each host group, in and out, in all packets, UDP and SYN; says when a minute is far above it.</summary>
/// <remarks>Two of three minutes above the threshold begin a finding; below <see cref="DetectionOptions.ExitShare"/> of it nothing is said.</remarks>
public sealed class GroupBaselines
{
    /// <summary>The detector's name in findings.</summary>
    public const string Name = "baseline";

    private const int Series = 3;
    private static readonly string[] Words = ["packets", "UDP packets", "SYN"];

    private readonly HomeNetwork _home;
    private readonly DetectionOptions _options;
    private readonly Baseline[] _baselines;
    private readonly int[] _above;

    public GroupBaselines(HomeNetwork home, DetectionOptions options)
    {
        _home = home;
        _options = options;
        _baselines = [.. Enumerable.Range(0, home.GroupNames.Count * 2 * Series).Select(_ => new Baseline(options.Baseline))];
        _above = new int[_baselines.Length];
    }

    /// <summary>Judges one minute of one group and direction, then learns from it.</summary>
    /// <param name="packetsByClass">Packets of the minute, indexed by <see cref="TrafficClass"/>.</param>
    /// <param name="attacked">True while an incident of this group and direction is open: the minute is judged, not learnt.</param>
    /// <returns>What is far above the usual; usually empty.</returns>
    public IReadOnlyList<Finding> Observe(Timestamp minute, int group, bool inbound, ReadOnlySpan<long> packetsByClass, bool attacked)
    {
        List<Finding>? findings = null;
        long all = 0;
        foreach (var packets in packetsByClass) all += packets;
        ReadOnlySpan<double> rates = [all / 60.0, packetsByClass[(int)TrafficClass.Udp] / 60.0, packetsByClass[(int)TrafficClass.TcpSyn] / 60.0];
        for (var series = 0; series < Series; series++)
        {
            var at = (group * 2 + (inbound ? 0 : 1)) * Series + series;
            var threshold = _baselines[at].Threshold(minute);
            var over = threshold is { } t && rates[series] > t.Rate;
            // Two bits back: the minutes before.
            _above[at] = ((_above[at] << 1) | (over ? 1 : 0)) & 0b111;
            if (over && int.PopCount(_above[at]) >= 2) (findings ??= []).Add(Claim(minute, group, inbound, series, rates[series], threshold!.Value));
            else if (!attacked && !over) _baselines[at].Observe(minute, rates[series]);
        }
        return findings ?? (IReadOnlyList<Finding>)[];
    }

    /// <summary>Time until the first baseline answers.</summary>
    public TimeSpan LearningLeft => _baselines.Min(b => b.LearningLeft);

    /// <summary>All that was learnt, by group name, so that groups may come and go.</summary>
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        for (var group = 0; group < _home.GroupNames.Count; group++)
        {
            for (var i = 0; i < 2 * Series; i++)
            {
                var learnt = _baselines[group * 2 * Series + i].ToBytes();
                writer.Write(_home.GroupNames[group]);
                writer.Write((byte)i);
                writer.Write(learnt.Length);
                writer.Write(learnt);
            }
        }
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Takes up what <see cref="ToBytes"/> wrote; what is damaged or of a group that is gone is left out.</summary>
    public void Load(ReadOnlySpan<byte> bytes)
    {
        while (TryReadEntry(ref bytes, out var name, out var series, out var learnt))
        {
            var group = _home.GroupNames.ToList().IndexOf(name);
            if (group >= 0 && series < 2 * Series && Baseline.FromBytes(learnt, _options.Baseline) is { } baseline)
                _baselines[group * 2 * Series + series] = baseline;
        }
    }

    private static bool TryReadEntry(ref ReadOnlySpan<byte> bytes, out string name, out byte series, out ReadOnlySpan<byte> learnt)
    {
        name = "";
        series = 0;
        learnt = default;
        // A name is written with its length in one octet: group names are short.
        if (bytes.Length < 1 || bytes[0] > 127 || bytes.Length < 1 + bytes[0] + 5) return false;
        var text = bytes.Slice(1, bytes[0]);
        bytes = bytes[(1 + bytes[0])..];
        series = bytes[0];
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]);
        bytes = bytes[5..];
        if (length < 0 || length > bytes.Length) return false;
        name = System.Text.Encoding.UTF8.GetString(text);
        learnt = bytes[..length];
        bytes = bytes[length..];
        return true;
    }

    private Finding Claim(Timestamp minute, int group, bool inbound, int series, double rate, BaselineThreshold threshold)
    {
        var excess = rate / threshold.Rate;
        return new Finding
        {
            Detector = Name,
            Kind = inbound ? IncidentKind.Ddos : IncidentKind.OutboundAttack,
            Target = _home.PrefixOf(group),
            Vector = Vectors.AboveBaseline,
            From = minute - TimeSpan.FromMinutes(1),
            To = minute,
            PacketsPerSecond = Math.Round(rate, 1),
            Share = 1,
            SampledPackets = (long)(rate * 60),
            Confidence = Math.Round(Math.Clamp(0.4 + 0.1 * excess, 0.4, 0.8), 2),
            Severity = excess >= 4 ? Severity.Medium : Severity.Low,
            Because = $"{Examination.Count(rate)} {Words[series]}/s {(inbound ? "to" : "from")} host group {_home.GroupNames[group]} for two of three minutes, usual at this hour {Examination.Count(threshold.Usual)}/s, " +
                $"threshold {Examination.Count(threshold.Rate)}/s ({Term(threshold)})",
            Counterfactual = $"would not have fired at or below {Examination.Count(threshold.Rate)}/s",
            Inputs = [new("rate", Math.Round(rate, 1)), new("threshold", Math.Round(threshold.Rate, 1)), new("usual", Math.Round(threshold.Usual, 1)), new("spread", Math.Round(threshold.Spread, 3)), new("busiestMinute", Math.Round(threshold.BusiestMinute, 1))],
        };
    }

    private static string Term(BaselineThreshold threshold) => threshold.Term switch
    {
        BaselineTerm.Floor => "the floor",
        BaselineTerm.BusiestMinute => "twice the busiest minute of the last days",
        _ => "median and spread of the hour",
    };
}
