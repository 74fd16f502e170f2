using System.Buffers;
using System.Buffers.Binary;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>The saved form of a <see cref="TemplateStore"/>.</summary>
/// <remarks>
/// "BWTM", version 1, dialect; then a block per domain: length (4 octets), FNV-1a hash (8), and as content the address (16), the
/// identifier (4), the boot time in milliseconds or 0 (8), the number of templates (2) each as kind (1), length (4) and
/// definition, and the number of rates (2) each as scope (1), key (4) and rate (4). Numbers are in network order.
/// </remarks>
internal static class TemplateMemory
{
    private const byte FormatVersion = 1;
    private const int BlockHeaderLength = 12;

    private static ReadOnlySpan<byte> Magic => "BWTM"u8;

    public static void Write(TemplateStore store, TemplateDialect dialect, IBufferWriter<byte> output)
    {
        output.Write(Magic);
        output.Write([FormatVersion, (byte)dialect]);
        var block = new ArrayBufferWriter<byte>();
        Span<byte> header = stackalloc byte[BlockHeaderLength];
        foreach (var domain in store.Domains)
        {
            block.ResetWrittenCount();
            WriteDomain(domain, block);
            BinaryPrimitives.WriteInt32BigEndian(header, block.WrittenCount);
            BinaryPrimitives.WriteUInt64BigEndian(header[4..], Hash(block.WrittenSpan));
            output.Write(header);
            output.Write(block.WrittenSpan);
        }
    }

    public static int Read(ReadOnlySpan<byte> saved, TemplateStore store, TemplateDialect dialect, TemplateOptions options)
    {
        var reader = new WireReader(saved);
        if (!reader.Bytes(4).SequenceEqual(Magic) || reader.U8() != FormatVersion || reader.U8() != (byte)dialect) return 0;
        var templates = 0;
        while (reader.Remaining > BlockHeaderLength)
        {
            var length = (int)Math.Min(reader.U32(), int.MaxValue);
            var hash = reader.U64();
            var block = reader.Bytes(length);
            if (!reader.Failed && Hash(block) == hash) templates += ReadDomain(new WireReader(block), store, dialect, options);
        }
        return templates;
    }

    private static void WriteDomain(ObservationDomain domain, ArrayBufferWriter<byte> block)
    {
        Span<byte> numbers = stackalloc byte[30];
        domain.Address.WriteTo(numbers);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[16..], domain.Id);
        BinaryPrimitives.WriteUInt64BigEndian(numbers[20..], domain.BootMilliseconds ?? 0);
        BinaryPrimitives.WriteUInt16BigEndian(numbers[28..], (ushort)domain.Templates.Count);
        block.Write(numbers);
        // The least recently used first, so that they go first again.
        foreach (var template in domain.Templates.Values.OrderBy(t => t.LastUsed))
        {
            numbers[0] = template.IsOptions ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteInt32BigEndian(numbers[1..], template.Definition.Length);
            block.Write(numbers[..5]);
            block.Write(template.Definition);
        }
        var rates = domain.Rates();
        BinaryPrimitives.WriteUInt16BigEndian(numbers, (ushort)rates.Count);
        block.Write(numbers[..2]);
        foreach (var rate in rates)
        {
            numbers[0] = (byte)rate.Scope;
            BinaryPrimitives.WriteUInt32BigEndian(numbers[1..], rate.Key);
            BinaryPrimitives.WriteUInt32BigEndian(numbers[5..], rate.Rate);
            block.Write(numbers[..9]);
        }
    }

    private static int ReadDomain(WireReader reader, TemplateStore store, TemplateDialect dialect, TemplateOptions options)
    {
        var address = IpAddr.V6(reader.Bytes(16) is { Length: 16 } bytes ? bytes : stackalloc byte[16]);
        var domain = store.Open(address, reader.U32(), exporter: null);
        var boot = reader.U64();
        if (boot != 0) domain.BootMilliseconds = boot;
        var templates = 0;
        for (var left = reader.U16(); left > 0 && !reader.Failed; left--)
        {
            var isOptions = reader.U8() != 0;
            var definition = reader.Bytes((int)Math.Min(reader.U32(), int.MaxValue));
            var parser = new TemplateReader(dialect, isOptions, options.MaxFieldsPerTemplate, definition);
            if (!parser.MoveNext() || parser.IsWithdrawal) continue;
            var template = new Template(parser.TemplateId, isOptions, parser.Fields(), definition.ToArray());
            if (template.MinLength == 0) continue;
            domain.Messages++;
            store.Add(domain, template);
            templates++;
        }
        for (var left = reader.U16(); left > 0 && !reader.Failed; left--)
        {
            var rate = new SamplingRate((SamplingScope)reader.U8(), reader.U32(), reader.U32());
            if (Enum.IsDefined(rate.Scope)) (domain.Remembered ??= []).Add(rate);
        }
        return templates;
    }

    /// <summary>FNV-1a, 64 bits: finds damage, and is no protection against anybody who can write the file.</summary>
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 0xCBF2_9CE4_8422_2325UL;
        foreach (var value in bytes) hash = (hash ^ value) * 0x0000_0100_0000_01B3;
        return hash;
    }
}
