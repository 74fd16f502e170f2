using System.Text;

namespace Breakwater.Core.Behaviour.Names;

/// <summary>Octets from outside as text for people: printable ASCII as it is, everything else a question mark.</summary>
public static class NameText
{
    public static string Of(ReadOnlySpan<byte> octets)
    {
        var text = new StringBuilder(octets.Length);
        foreach (var octet in octets) text.Append(octet is >= 0x20 and < 0x7F ? (char)octet : '?');
        return text.ToString();
    }

    /// <summary>FNV-1a, finished so that every octet reaches every bit.</summary>
    internal static ulong Hash(ReadOnlySpan<byte> octets)
    {
        var hash = 0xCBF2_9CE4_8422_2325;
        foreach (var octet in octets) hash = (hash ^ octet) * 0x100_0000_01B3;
        hash ^= hash >> 32;
        hash *= 0xD6E8_FEB8_6659_FD93;
        return hash ^ hash >> 32;
    }
}
