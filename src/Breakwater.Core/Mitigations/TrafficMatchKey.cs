using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Breakwater.Core.Mitigations;

/// <summary>Tells whether two matches say the same: lists are compared by content, which records do not do by themselves.</summary>
internal static class TrafficMatchKey
{
    public static string Key(this TrafficMatch m) => string.Create(CultureInfo.InvariantCulture,
        $"{m.Destination}|{m.Source}|{string.Join(',', m.Protocols.Order())}|{Ranges(m.SourcePorts)}|{Ranges(m.DestinationPorts)}|{Ranges(m.IcmpTypes)}|{Ranges(m.IcmpCodes)}|{m.TcpFlags}/{m.TcpFlagsMask}|{Ranges(m.PacketLengths)}|{Ranges(m.Dscp)}|{m.Fragment}");

    /// <summary>An identifier of twelve hexadecimal digits after "m-": the same text gives the same one.</summary>
    public static string Identifier(string text) =>
        "m-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6));

    private static string Ranges(IReadOnlyList<ValueRange> ranges) => string.Join(',', ranges.OrderBy(r => r.From).ThenBy(r => r.To));
}
