using System.Globalization;
using System.Text;

namespace Breakwater.Core.Mitigations;

/// <summary>Says in plain words what a rule matches.</summary>
public static class TrafficMatchText
{
    private static readonly (byte Bit, string Name)[] Flags =
        [(2, "SYN"), (16, "ACK"), (8, "PSH"), (1, "FIN"), (4, "RST"), (32, "URG"), (64, "ECE"), (128, "CWR")];

    /// <summary>"udp from port 161 to 192.0.2.7", "tcp SYN without ACK to 192.0.2.7 port 80, 40 octets long"; "anything" for an empty match.</summary>
    public static string Describe(this TrafficMatch match)
    {
        var text = new StringBuilder(match.Protocols.Count == 0 ? "" : Protocols(match.Protocols));
        if (match.TcpFlagsMask != 0) Word(text, TcpFlags(match.TcpFlags, match.TcpFlagsMask));
        if (match.IcmpTypes.Count > 0) Word(text, $"{Plural("type", match.IcmpTypes)} {Ranges(match.IcmpTypes)}");
        if (match.IcmpCodes.Count > 0) Word(text, $"{Plural("code", match.IcmpCodes)} {Ranges(match.IcmpCodes)}");
        if (match.Fragment == true) Word(text, "fragments");
        if (text.Length == 0) text.Append("anything");
        if (match.Fragment == false) Word(text, "not fragmented");
        End(text, "from", match.Source, match.SourcePorts);
        End(text, "to", match.Destination, match.DestinationPorts);
        if (match.PacketLengths.Count > 0) text.Append(", ").Append(Lengths(match.PacketLengths)).Append(" long");
        if (match.Dscp.Count > 0) text.Append(", DSCP ").Append(Ranges(match.Dscp));
        return text.ToString();
    }

    private static void End(StringBuilder text, string preposition, Net.Prefix? prefix, IReadOnlyList<ValueRange> ports)
    {
        if (prefix is null && ports.Count == 0) return;
        Word(text, preposition);
        if (prefix is { } p) Word(text, p.ToShortString());
        if (ports.Count > 0) Word(text, $"{Plural("port", ports)} {Ranges(ports)}");
    }

    private static string Protocols(IReadOnlyList<byte> protocols) =>
        protocols.Count <= 4 ? string.Join(" or ", protocols.Select(Protocol)) : "protocols " + Ranges(Runs(protocols));

    private static string Protocol(byte protocol) => protocol switch
    {
        1 => "icmp",
        6 => "tcp",
        17 => "udp",
        47 => "gre",
        50 => "esp",
        58 => "icmpv6",
        132 => "sctp",
        _ => string.Create(CultureInfo.InvariantCulture, $"protocol {protocol}"),
    };

    private static string TcpFlags(byte flags, byte mask)
    {
        var set = Names((byte)(flags & mask));
        if (mask == 0x3F) return set.Length == 0 ? "without flags" : $"with {set} only";
        var clear = Names((byte)(mask & ~flags));
        return set.Length == 0 ? $"without {clear}" : clear.Length == 0 ? set : $"{set} without {clear}";
    }

    private static string Names(byte flags) => string.Join("+", Flags.Where(f => (flags & f.Bit) != 0).Select(f => f.Name));

    private static IReadOnlyList<ValueRange> Runs(IReadOnlyList<byte> values)
    {
        var runs = new List<ValueRange>();
        foreach (var value in values.Order())
        {
            if (runs.Count > 0 && value <= runs[^1].To + 1) runs[^1] = runs[^1] with { To = value };
            else runs.Add(value);
        }
        return runs;
    }

    private static string Lengths(IReadOnlyList<ValueRange> lengths) =>
        lengths is [{ To: 65535 } open] ? string.Create(CultureInfo.InvariantCulture, $"at least {open.From} octets") : $"{Ranges(lengths)} octets";

    private static string Plural(string noun, IReadOnlyList<ValueRange> ranges) => ranges is [var only] && only.From == only.To ? noun : noun + "s";

    private static string Ranges(IReadOnlyList<ValueRange> ranges) => string.Join(", ", ranges);

    private static void Word(StringBuilder text, string word)
    {
        if (text.Length > 0) text.Append(' ');
        text.Append(word);
    }
}
