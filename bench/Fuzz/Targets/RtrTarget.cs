using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Rpki;
using Breakwater.Protocols.Rtr;

namespace Breakwater.Fuzz.Targets;

/// <summary>What an RPKI cache says, as it comes off a connection: framing, PDUs, and the session and table that they end in.</summary>
public sealed class RtrTarget : IFuzzTarget
{
    private const int MaxRoas = 100;

    private static readonly Timestamp Now = Timestamp.FromUnixSeconds(1_700_000_000);
    private static readonly byte[] Load = [.. RtrEncoder.CacheResponse(1, 5), .. Payloads(1, true).SelectMany(p => p), .. RtrEncoder.EndOfData(1, 5, 7, RtrIntervals.Default)];

    public string Name => "rtr";

    public IReadOnlyList<byte[]> Corpus { get; } = [.. Conversations()];

    public IReadOnlyList<byte[]> Tokens => [];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        var fresh = new RtrSession(new RtrSessionOptions(MaxRoas));
        fresh.Connected(Now);
        var said = Answer(fresh, input.Span);
        // And one that has data, and has asked what changed.
        var loaded = new RtrSession(new RtrSessionOptions(MaxRoas));
        loaded.Connected(Now);
        loaded.Take(Load, Now);
        loaded.Tick(Now + TimeSpan.FromHours(1));
        Answer(loaded, input.Span);
        return said;
    }

    private static string Answer(RtrSession session, ReadOnlySpan<byte> octets)
    {
        session.Take(octets, Now + TimeSpan.FromHours(1));
        if (session.Table.Count > MaxRoas) throw new InvalidOperationException($"{session.Table.Count} payloads");
        session.Tick(Now + TimeSpan.FromDays(3));
        if (session.HasData) throw new InvalidOperationException("data outlives its time");
        session.TakeOutput();
        return session.Errors == 0 ? "None" : "error";
    }

    private static IEnumerable<byte[]> Conversations()
    {
        var intervals = RtrIntervals.Default;
        foreach (byte version in (byte[])[1, 0])
        {
            yield return [.. RtrEncoder.CacheResponse(version, 5), .. Payloads(version, true).SelectMany(p => p), .. RtrEncoder.EndOfData(version, 5, 7, intervals)];
            yield return [.. RtrEncoder.SerialNotify(version, 5, 7)];
        }
        yield return [.. RtrEncoder.CacheResponse(1, 5), .. RtrEncoder.RouterKey(true, new byte[20], 64500, [0x30, 1, 2]), .. RtrEncoder.EndOfData(1, 5, 7, intervals)];
        yield return [.. RtrEncoder.CacheResponse(1, 5), .. Payloads(1, false).SelectMany(p => p), .. RtrEncoder.EndOfData(1, 5, 8, intervals)];
        yield return RtrEncoder.CacheReset(1);
        yield return RtrEncoder.ErrorReport(1, RtrError.NoDataAvailable, RtrEncoder.ResetQuery(1), "wait");
    }

    private static IEnumerable<byte[]> Payloads(byte version, bool announces)
    {
        yield return RtrEncoder.Prefix(version, announces, new Vrp(Prefix.Parse("198.51.100.0/24"), 26, 64500));
        yield return RtrEncoder.Prefix(version, announces, new Vrp(Prefix.Parse("2001:db8::/32"), 48, 64500));
        yield return RtrEncoder.Prefix(version, announces, new Vrp(Prefix.Parse("192.0.2.0/24"), 24, 0));
    }
}
