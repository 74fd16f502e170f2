using System.Buffers.Binary;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Protocols.Ipfix;
using Breakwater.Protocols.NetFlow;

namespace Breakwater.Tests.Protocols.Ipfix;

/// <summary>Reads the flow vectors of the shared data.</summary>
internal static class FlowVectors
{
    public const string Folder = "vectors/flow";

    public static string Path(string file) => SharedData.Path("vectors", "flow", file);

    public static JsonElement Json(string file) => JsonDocument.Parse(File.ReadAllText(Path(file))).RootElement;

    /// <summary>Files of the manifest in one folder, for theories; one empty name when the data is absent, since a theory needs a row.</summary>
    public static TheoryData<string> Files(string prefix, string suffix, string containing = "")
    {
        if (!SharedData.Has(Folder)) return new TheoryData<string> { "" };
        var files = from entry in Json("manifest.json").GetProperty("files").EnumerateArray()
                    let file = entry.GetProperty("file").GetString()!
                    where file.StartsWith(prefix, StringComparison.Ordinal) && file.EndsWith(suffix, StringComparison.Ordinal)
                    where containing.Length == 0 || File.ReadAllText(Path(file)).Contains(containing, StringComparison.Ordinal)
                    select file;
        return new TheoryData<string>(files);
    }

    /// <summary>The UDP payloads of a capture with Ethernet frames, each with its IP source; or the whole of a <c>.dat</c>.</summary>
    public static List<(IpAddr Source, byte[] Payload)> Datagrams(string file)
    {
        var bytes = File.ReadAllBytes(Path(file));
        if (!file.EndsWith(".pcap", StringComparison.Ordinal)) return [(IpAddr.Parse("192.0.2.1"), bytes)];
        Assert.Equal(0xA1B2C3D4, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        var datagrams = new List<(IpAddr, byte[])>();
        for (var at = 24; at + 16 <= bytes.Length;)
        {
            var captured = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 8));
            if (UdpPayload(bytes.AsSpan(at + 16, captured)) is { } datagram) datagrams.Add(datagram);
            at += 16 + captured;
        }
        return datagrams;
    }

    private static (IpAddr, byte[])? UdpPayload(ReadOnlySpan<byte> frame)
    {
        var at = 12;
        while (BinaryPrimitives.ReadUInt16BigEndian(frame[at..]) is 0x8100 or 0x88A8) at += 4;
        var ip = frame[(at + 2)..];
        var isV6 = ip[0] >> 4 == 6;
        if (ip[isV6 ? 6 : 9] != 17) return null;
        var udp = ip[(isV6 ? 40 : (ip[0] & 15) * 4)..];
        return (isV6 ? IpAddr.V6(ip[8..]) : IpAddr.V4(ip[12..]), udp[8..BinaryPrimitives.ReadUInt16BigEndian(udp[4..])].ToArray());
    }
}

/// <summary>Every decoder at once, as a receiver has them: exporters by address, protocol by content.</summary>
internal sealed class VectorReplay
{
    private readonly IFlowDecoder[] _decoders =
        [new NetFlowV5Decoder(), new NetFlowV9Decoder(new TemplateOptions()), new IpfixDecoder(new TemplateOptions())];

    private readonly Dictionary<IpAddr, Exporter> _exporters = [];

    public FlowBatch Batch { get; } = new();

    public IEnumerable<Exporter> Exporters => _exporters.Values;

    /// <summary>Fields of all data records, each listed when its datagram came.</summary>
    public List<DataRecord> Records { get; } = [];

    public void Feed(string file)
    {
        foreach (var (source, payload) in FlowVectors.Datagrams(file)) Feed(source, payload);
    }

    public DecodeError Feed(IpAddr source, byte[] payload)
    {
        if (!_exporters.TryGetValue(source, out var exporter)) _exporters[source] = exporter = new Exporter(source, 1);
        var decoder = _decoders.FirstOrDefault(d => d.Recognises(payload));
        if (decoder is null) return DecodeError.UnsupportedVersion;
        var error = decoder.Decode(payload, exporter, DecoderBench.Now, Batch);
        if (decoder is ITemplateMemory listing) Records.AddRange(listing.ListRecords(payload, exporter));
        return error;
    }
}
