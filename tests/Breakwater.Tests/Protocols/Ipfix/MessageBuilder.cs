using System.Buffers.Binary;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Protocols.Ipfix;

/// <summary>Writes NetFlow v5, v9 and IPFIX datagrams field by field, as RFC 3954 and RFC 7011 draw them.</summary>
internal sealed class MessageBuilder
{
    private readonly WireWriter _wire = new();
    private readonly bool _isIpfix;
    private ushort _records;

    private MessageBuilder(bool isIpfix) => _isIpfix = isIpfix;

    public static MessageBuilder V9(uint uptime = 100_000, uint seconds = 1_700_000_000, uint sequence = 1, uint sourceId = 7)
    {
        var message = new MessageBuilder(isIpfix: false);
        message._wire.U16(9).U16(0).U32(uptime).U32(seconds).U32(sequence).U32(sourceId);
        return message;
    }

    public static MessageBuilder Ipfix(uint seconds = 1_700_000_000, uint sequence = 0, uint domain = 7)
    {
        var message = new MessageBuilder(isIpfix: true);
        message._wire.U16(10).U16(0).U32(seconds).U32(sequence).U32(domain);
        return message;
    }

    /// <summary>One of the two template protocols, for behaviour that they share.</summary>
    public static MessageBuilder Of(string protocol, uint sequence = 0, uint domain = 7) =>
        protocol == "ipfix" ? Ipfix(sequence: sequence, domain: domain) : V9(sequence: sequence, sourceId: domain);

    public MessageBuilder Template(ushort id, params Field[] fields) => Set((ushort)(_isIpfix ? 2 : 0), set =>
    {
        set.U16(id).U16((ushort)fields.Length);
        foreach (var field in fields) Specifier(set, field);
    });

    public MessageBuilder OptionsTemplate(ushort id, Field[] scopes, Field[] options) => Set((ushort)(_isIpfix ? 3 : 1), set =>
    {
        set.U16(id);
        if (_isIpfix) set.U16((ushort)(scopes.Length + options.Length)).U16((ushort)scopes.Length);
        else set.U16((ushort)(scopes.Length * 4)).U16((ushort)(options.Length * 4));
        foreach (var field in scopes.Concat(options)) Specifier(set, field);
    });

    /// <summary>RFC 7011 §8.1.</summary>
    public MessageBuilder Withdraw(ushort setId, ushort templateId) => Set(setId, set => set.U16(templateId).U16(0));

    public MessageBuilder Data(ushort templateId, params Action<WireWriter>[] records) => Set(templateId, set =>
    {
        foreach (var record in records) record(set);
    });

    public MessageBuilder Set(ushort id, Action<WireWriter> content, int padding = 0)
    {
        var set = new WireWriter();
        content(set);
        set.Bytes(new byte[padding]);
        _wire.U16(id).U16((ushort)(set.Length + 4)).Bytes(set.ToArray());
        _records++;
        return this;
    }

    public byte[] Build()
    {
        var bytes = _wire.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), _isIpfix ? (ushort)bytes.Length : _records);
        return bytes;
    }

    private static void Specifier(WireWriter set, Field field)
    {
        set.U16((ushort)(field.Element | (field.Enterprise != 0 ? 0x8000 : 0))).U16(field.Length);
        if (field.Enterprise != 0) set.U32(field.Enterprise);
    }
}

internal readonly record struct Field(ushort Element, ushort Length, uint Enterprise = 0)
{
    public static implicit operator Field((int Element, int Length) field) => new((ushort)field.Element, (ushort)field.Length);
}

internal sealed class WireWriter
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public WireWriter U8(int value) => Bytes([(byte)value]);

    public WireWriter U16(int value) => Bytes([(byte)(value >> 8), (byte)value]);

    public WireWriter U32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return Bytes(bytes);
    }

    public WireWriter U64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return Bytes(bytes);
    }

    public WireWriter Ip(string address) => Bytes(IpAddr.Parse(address).ToIPAddress().GetAddressBytes());

    public WireWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];
}
