using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>One data record with all its fields, the unknown ones too; for evidence and for looking at what an exporter sends.</summary>
/// <param name="IsOptions">The record is of an options template: about the exporter, not about traffic.</param>
public sealed record DataRecord(ushort TemplateId, bool IsOptions, IReadOnlyList<FieldValue> Fields)
{
    /// <summary>The first field with that registered name, null when there is none.</summary>
    public FieldValue? this[string name] => Fields.FirstOrDefault(f => f.Name == name);
}

/// <summary>One field of a record.</summary>
/// <param name="Bytes">Its octets as sent.</param>
public sealed record FieldValue(FieldSpecifier Field, ReadOnlyMemory<byte> Bytes)
{
    private readonly InformationElement? _element = InformationElement.Of(Field);

    /// <summary>The registered name, or <c>enterprise.number</c> for what the registry does not know.</summary>
    public string Name => _element?.Name ?? string.Create(CultureInfo.InvariantCulture, $"{Field.Enterprise}.{Field.Element}");

    /// <summary>
    /// The value by its abstract data type: <see cref="ulong"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>,
    /// <see cref="string"/>, <see cref="IpAddr"/>, <see cref="Timestamp"/>; bytes and MAC addresses as lower-case hexadecimal text.
    /// </summary>
    public object Value => Read(_element?.Type ?? ElementType.Octets, Bytes.Span) ?? Convert.ToHexStringLower(Bytes.Span);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}={Value}");

    /// <summary>Null when the length does not suit the type: then the octets speak for themselves.</summary>
    private static object? Read(ElementType type, ReadOnlySpan<byte> bytes) => type switch
    {
        ElementType.Unsigned when bytes.Length is >= 1 and <= 8 => FieldCursor.Unsigned(bytes),
        ElementType.Signed when bytes.Length is >= 1 and <= 8 => Signed(bytes),
        ElementType.Float when bytes.Length == 8 => BinaryPrimitives.ReadDoubleBigEndian(bytes),
        ElementType.Float when bytes.Length == 4 => (double)BinaryPrimitives.ReadSingleBigEndian(bytes),
        // RFC 7011 §6.1.5: 1 is true, 2 is false.
        ElementType.Boolean when bytes is [1 or 2] => bytes[0] == 1,
        ElementType.String => Encoding.UTF8.GetString(bytes).TrimEnd('\0'),
        ElementType.MacAddress when bytes.Length == 6 => string.Join(':', Convert.ToHexStringLower(bytes).Chunk(2).Select(pair => new string(pair))),
        ElementType.Address when bytes.Length == 4 => IpAddr.V4(bytes),
        ElementType.Address when bytes.Length == 16 => IpAddr.V6(bytes),
        ElementType.Seconds when bytes.Length == 4 => Timestamp.FromUnixSeconds((uint)FieldCursor.Unsigned(bytes)),
        ElementType.Milliseconds when bytes.Length == 8 && FieldCursor.Unsigned(bytes) is var time && time < 9_000_000_000_000
            => Timestamp.FromUnixMilliseconds((long)time),
        ElementType.Ntp when bytes.Length == 8 => NtpTime.ToTimestamp(FieldCursor.Unsigned(bytes)),
        _ => null,
    };

    private static long Signed(ReadOnlySpan<byte> bytes)
    {
        var unused = 64 - 8 * bytes.Length;
        return (long)FieldCursor.Unsigned(bytes) << unused >> unused;
    }
}
