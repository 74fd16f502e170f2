using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using Breakwater.Core.Net;
using Breakwater.Protocols.Bgp;

namespace Breakwater.Tests.Protocols.Bgp;

/// <summary>Updates that a route collector recorded over the years (RFC 6396), against what bgpdump printed of them.</summary>
public class MrtTests
{
    private const int Bgp4Mp = 16;

    [SharedDataTheory("vectors/bgp")]
    [InlineData("updates.20020722.2238.gz")]
    [InlineData("updates.20071015.1505.gz")]
    [InlineData("updates.20070211.0141.gz")]
    [InlineData("updates.nlri_mask_trailing_bits.gz")]
    public void Reads_recorded_updates_as_bgpdump_does(string name)
    {
        var printed = Lines(name + ".bgp.gz").Where(l => l.Split('|')[2] is "A" or "W").GetEnumerator();
        foreach (var (fourOctets, peer, peerAs, body) in Updates(name))
        {
            var decoded = UpdateDecoder.Decode(body, new UpdateContext(fourOctets, Internal: true));
            // One of the files ends a route too early: bgpdump prints what stands before, and so do we, though a session would end.
            Assert.Equal(name.Contains("trailing_bits", StringComparison.Ordinal), decoded.Reaction == UpdateReaction.SessionReset);
            var update = decoded.Update;
            foreach (var route in update.Withdrawn.Concat(update.Unreach?.Routes ?? []))
            {
                Assert.True(printed.MoveNext());
                Assert.Equal($"W|{peer}|{peerAs}|{route}", After(printed.Current, 2));
            }
            foreach (var route in update.Announced.Concat(update.Reach?.Routes ?? []))
            {
                Assert.True(printed.MoveNext());
                Assert.Equal($"A|{peer}|{peerAs}|{route}|{Describe(update)}", After(printed.Current, 2));
            }
        }
        Assert.False(printed.MoveNext(), "bgpdump found more");
    }

    [SharedDataTheory("vectors/bgp")]
    [InlineData("bview.20020722.2337.gz")]
    [InlineData("bview.ipv4_unicast_add_path.gz")]
    [InlineData("bview.64k_stream_overflow.gz")]
    public void Reads_the_attributes_of_recorded_tables_as_bgpdump_does(string name)
    {
        var printed = Lines(name + ".bgp.gz").Select(l => l.Split('|')).ToArray();
        var entries = Tables(name).ToArray();
        Assert.True(printed.Length <= entries.Length);
        for (var i = 0; i < printed.Length; i++)
        {
            var (fourOctets, attributes) = entries[i];
            // A route of the collector itself has none; bgpdump fills in what nobody said.
            if (attributes.Length == 0) continue;
            byte[] body = [0, 0, (byte)(attributes.Length >> 8), (byte)attributes.Length, .. attributes];
            var decoded = UpdateDecoder.Decode(body, new UpdateContext(fourOctets, Internal: true));
            Assert.True(decoded.Reaction <= UpdateReaction.AttributeDiscard, $"{decoded.Problem} at {i}");
            // Of path identifiers only the table speaks; a mapped next hop is an IPv4 address to us.
            var expected = string.Join('|', printed[i].Skip(name.Contains("add_path", StringComparison.Ordinal) ? 7 : 6)).Replace("|::ffff:", "|", StringComparison.Ordinal);
            Assert.Equal(expected, Describe(decoded.Update));
        }
    }

    private static string Describe(BgpUpdate update)
    {
        var a = update.Attributes;
        var nextHop = update.Reach is not { } reach ? a.NextHop!.Value : reach.NextHop.Length == 4 ? IpAddr.V4(reach.NextHop.Span) : IpAddr.V6(reach.NextHop.Span);
        var aggregator = a.Aggregator is { } by ? string.Create(CultureInfo.InvariantCulture, $"{by.As} {IpAddr.V4(by.Identifier)}") : "";
        return $"{Path(a.AsPath!)}|{a.Origin!.ToString()!.ToUpperInvariant()}|{nextHop}|{a.LocalPreference ?? 0}|{a.MultiExitDiscriminator ?? 0}"
            + $"|{string.Join(' ', a.Communities.Select(Community))}|{(a.AtomicAggregate ? "AG" : "NAG")}|{aggregator}|";
    }

    private static string Path(IEnumerable<AsSegment> path) =>
        string.Join(' ', path.Select(s => s.Kind == AsSegmentKind.Set ? $"{{{string.Join(',', s.Numbers)}}}" : string.Join(' ', s.Numbers)));

    private static string Community(BgpCommunity community) => community.Value switch
    {
        0xFFFFFF01 => "no-export",
        0xFFFFFF02 => "no-advertise",
        _ => community.ToString(),
    };

    private static string After(string line, int bars)
    {
        var at = 0;
        for (var i = 0; i < bars; i++) at = line.IndexOf('|', at) + 1;
        return line[at..];
    }

    private static IEnumerable<(bool FourOctets, IpAddr Peer, uint PeerAs, byte[] Body)> Updates(string name)
    {
        var bytes = Unpack(name);
        for (var at = 0; at + 12 <= bytes.Length;)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at + 4));
            var subtype = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at + 6));
            var record = bytes.AsMemory(at + 12, (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at + 8)));
            at += 12 + record.Length;
            // MESSAGE (1) and MESSAGE_AS4 (4), RFC 6396 §4.4.2, §4.4.3.
            if (type != Bgp4Mp || subtype is not (1 or 4)) continue;
            var four = subtype == 4;
            var r = record.Span;
            var peerAs = four ? BinaryPrimitives.ReadUInt32BigEndian(r) : BinaryPrimitives.ReadUInt16BigEndian(r);
            var head = four ? 10 : 6;
            var six = BinaryPrimitives.ReadUInt16BigEndian(r[(head + 0)..]) == 2;
            head += 2;
            var peer = six ? IpAddr.V6(r[head..]) : IpAddr.V4(r[head..]);
            var message = record[(head + (six ? 32 : 8))..].ToArray();
            if (BgpFraming.Read(message, extended: false, out var kind, out var length, out _) == BgpFrameStatus.Complete && kind == BgpMessageType.Update)
                yield return (four, peer, peerAs, message[BgpFraming.HeaderLength..length]);
        }
    }

    /// <summary>Attributes of TABLE_DUMP and TABLE_DUMP_V2 (RFC 6396 §4.2, §4.3; RFC 8050 §4 for path identifiers).</summary>
    private static IEnumerable<(bool FourOctets, byte[] Attributes)> Tables(string name)
    {
        var bytes = Unpack(name);
        for (var at = 0; at + 12 <= bytes.Length;)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at + 4));
            var subtype = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at + 6));
            var record = bytes.AsMemory(at + 12, (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at + 8)));
            at += 12 + record.Length;
            if (type == 12) yield return (false, record[22..].ToArray());
            if (type != 13 || subtype == 1) continue;
            var length = (record.Span[4] + 7) / 8;
            var entries = BinaryPrimitives.ReadUInt16BigEndian(record.Span[(5 + length)..]);
            var next = 7 + length;
            for (var i = 0; i < entries; i++)
            {
                var head = subtype == 8 ? 10 : 6;
                var size = BinaryPrimitives.ReadUInt16BigEndian(record.Span[(next + head)..]);
                yield return (true, WholeReach(record.Slice(next + head + 2, size).Span));
                next += head + 2 + size;
            }
        }
    }

    /// <summary>RFC 6396 §4.3.4: of MP_REACH_NLRI only the next hop is kept, unless a collector kept all; here with everything around it, and the default route.</summary>
    private static byte[] WholeReach(ReadOnlySpan<byte> attributes)
    {
        var whole = new List<byte>();
        for (var at = 0; at < attributes.Length;)
        {
            var extended = (attributes[at] & 0x10) != 0;
            var size = extended ? BinaryPrimitives.ReadUInt16BigEndian(attributes[(at + 2)..]) : attributes[at + 2];
            var start = at + (extended ? 4 : 3);
            if (attributes[at + 1] == 14 && attributes[start] != 0) whole.AddRange([0x80, 14, (byte)(size + 5), 0, 2, 1, .. attributes.Slice(start, size), 0, 0]);
            else whole.AddRange(attributes[at..(start + size)]);
            at = start + size;
        }
        return [.. whole];
    }

    private static string[] Lines(string name) => System.Text.Encoding.UTF8.GetString(Unpack(name)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static byte[] Unpack(string name)
    {
        using var file = new GZipStream(File.OpenRead(SharedData.Path("vectors", "bgp", "mrt", name)), CompressionMode.Decompress);
        using var all = new MemoryStream();
        file.CopyTo(all);
        return all.ToArray();
    }
}
