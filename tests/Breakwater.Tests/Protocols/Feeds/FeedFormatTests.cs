using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Sharing;
using Breakwater.Fuzz.Corpus;
using Breakwater.Protocols.Feeds;
using Breakwater.Protocols.Misp;
using Breakwater.Protocols.Stix;
using Breakwater.Protocols.Taxii;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Feeds;

public class FeedFormatTests
{
    private static readonly Timestamp Now = Timestamp.FromUnixSeconds(1_780_000_000);

    private static readonly Dictionary<string, (Func<ReadOnlyMemory<byte>, FeedSink, DecodeError> Read, string[] Good)> Formats = new()
    {
        ["spamhaus-drop"] = (SpamhausDrop.Read, [FeedCorpus.SpamhausDrop]),
        ["abuse-ch"] = (AbuseCh.Read, [FeedCorpus.FeodoJson, FeedCorpus.FeodoCsv, FeedCorpus.UrlhausCsv]),
        ["plain-list"] = (PlainList.Read, [FeedCorpus.Plain]),
        ["crowdsec"] = ((document, sink) => CrowdSecDecisions.Read(document, Now, sink), [FeedCorpus.CrowdSec]),
        ["shadowserver"] = (Shadowserver.Read, [FeedCorpus.Shadowserver]),
        ["stix"] = (StixFeed.Read, [FeedCorpus.Stix]),
        ["taxii"] = ((document, sink) => TaxiiEnvelope.Read(document, sink, out _, out _), [FeedCorpus.Envelope]),
        ["misp"] = (MispFeed.ReadEvent, [FeedCorpus.MispEvent]),
    };

    public static TheoryData<string> Names => [.. Formats.Keys];

    private static (DecodeError Error, FeedSink Sink) Read(string format, string text, int capacity = 1000)
    {
        var sink = new FeedSink(capacity);
        return (Formats[format].Read(Encoding.UTF8.GetBytes(text), sink), sink);
    }

    private static string[] Entries(FeedSink sink) => [.. sink.Entries.Select(e => $"{e.Prefix?.ToString() ?? e.Name}{(e.Port != 0 ? $" port {e.Port}" : "")} {e.Category.Name()}")];

    [Fact]
    public void Reads_Spamhaus_networks_and_not_its_metadata()
    {
        var (error, sink) = Read("spamhaus-drop", FeedCorpus.SpamhausDrop);

        Assert.Equal((DecodeError.None, 0L), (error, sink.Skipped));
        Assert.Equal(["198.51.100.0/24 criminal", "2001:db8:738::/48 criminal"], Entries(sink));
    }

    [Fact]
    public void Reads_what_is_online_of_abuse_ch_as_JSON_and_as_CSV()
    {
        var json = Read("abuse-ch", FeedCorpus.FeodoJson).Sink;
        var csv = Read("abuse-ch", FeedCorpus.FeodoCsv).Sink;

        Assert.Equal(["203.0.113.7/32 port 443 command-and-control"], Entries(json));
        Assert.Equal("2026-03-07T00:00:00.000000Z", json.Entries[0].Seen.ToString());
        Assert.Equal(["203.0.113.7/32 port 8080 command-and-control"], Entries(csv));
        Assert.Equal(0, csv.Skipped);
    }

    [Fact]
    public void Reads_hosts_of_malware_out_of_URLs()
    {
        var (_, sink) = Read("abuse-ch", FeedCorpus.UrlhausCsv);

        Assert.Equal(["203.0.113.20/32 port 34567 malware", "bad.example port 443 malware"], Entries(sink));
        Assert.Equal("2026-08-01T10:00:07.000000Z", sink.Entries[0].Seen.ToString());
    }

    [Fact]
    public void Reads_plain_lists_with_their_comments_and_host_files() =>
        Assert.Equal(["198.51.100.7/32 listed", "198.51.100.128/25 listed", "2001:db8:5::/48 listed", "bad.example listed", "tracker.example listed"], Entries(Read("plain-list", FeedCorpus.Plain).Sink));

    [Fact]
    public void Reads_decisions_of_CrowdSec_with_their_end()
    {
        var (_, sink) = Read("crowdsec", FeedCorpus.CrowdSec);

        Assert.Equal(["203.0.113.5/32 brute-force", "203.0.113.64/26 bot"], Entries(sink));
        Assert.Equal(Now + TimeSpan.FromSeconds(3 * 3600 + 59 * 60 + 49.481837158), sink.Entries[0].Until!.Value);
        Assert.Equal("2026-08-01T12:00:00.000000Z", sink.Entries[1].Until.ToString());
        Assert.Equal((DecodeError.None, 0), (Read("crowdsec", "null").Error, Read("crowdsec", "null").Sink.Entries.Count));
    }

    [Fact]
    public void Reads_Shadowserver_reports_by_the_names_of_their_columns()
    {
        var (_, sink) = Read("shadowserver", FeedCorpus.Shadowserver);

        Assert.Equal("192.0.2.18/32", sink.Entries[0].Prefix.ToString());
        Assert.Equal("2026-02-10T00:00:14.000000Z", sink.Entries[0].Seen.ToString());
        Assert.Equal((1f, 0.95f), (sink.Entries[0].Confidence, sink.Entries[1].Confidence));
        Assert.Equal(DecodeError.InvalidValue, Read("shadowserver", "a,b,c\n1,2,3\n").Error);
    }

    [Fact]
    public void Reads_indicators_of_STIX_that_a_list_can_say()
    {
        var (_, sink) = Read("stix", FeedCorpus.Stix);

        // The revoked one is left out, and what is narrowed by a port says so.
        Assert.Equal(
            ["203.0.113.7/32 command-and-control", "198.51.100.0/25 command-and-control", "203.0.113.9/32 port 443 listed", "c2.example listed", "d2.example listed"],
            Entries(sink));
        Assert.Equal(0.8f, sink.Entries[0].Confidence);
        Assert.Equal("2027-01-01T00:00:00.000000Z", sink.Entries[0].Until.ToString());
    }

    [Theory]
    [InlineData("[ipv4-addr:value = '203.0.113.7' AND domain-name:value = 'x.example']")]
    [InlineData("[ipv4-addr:value = '203.0.113.7'] FOLLOWEDBY [ipv4-addr:value = '203.0.113.8']")]
    [InlineData("[ipv4-addr:value != '203.0.113.7']")]
    [InlineData("[ipv4-addr:value LIKE '203.%']")]
    [InlineData("[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']")]
    [InlineData("[ipv4-addr:value = '203.0.113.7'] REPEATS 5 TIMES")]
    [InlineData("[NOT ipv4-addr:value = '203.0.113.7']")]
    [InlineData("[ipv4-addr:value = '203.0.113.7' OR network-traffic:dst_port = 80]")]
    [InlineData("[network-traffic:dst_port = 80]")]
    [InlineData("[ipv4-addr:value = '203.0.113.7")]
    [InlineData("ipv4-addr:value = '203.0.113.7'")]
    [InlineData("[]")]
    [InlineData("")]
    public void Takes_nothing_of_a_pattern_that_means_more(string pattern)
    {
        var (_, sink) = Read("stix", $$"""{"type":"bundle","objects":[{"type":"indicator","id":"indicator--1","pattern":"{{pattern}}"}]}""");

        Assert.Empty(sink.Entries);
        Assert.Equal(1, sink.Skipped);
    }

    [SharedDataFact("vectors/stix")]
    public void Reads_the_addresses_of_the_examples_of_OASIS()
    {
        var c2 = Read("stix", File.ReadAllText(SharedData.Path("vectors", "stix", "oasis-examples", "indicator-for-c2-ip-address.json"))).Sink;

        Assert.NotEmpty(c2.Entries);
        Assert.All(c2.Entries, e => Assert.NotNull(e.Prefix));
    }

    [Fact]
    public void Says_of_an_envelope_whether_there_is_more()
    {
        Assert.Equal(DecodeError.None, TaxiiEnvelope.Read(Encoding.UTF8.GetBytes(FeedCorpus.Envelope), new FeedSink(10), out var more, out var next));
        Assert.Equal((true, "1767225600000000"), (more, next));
        Assert.Equal(DecodeError.None, TaxiiEnvelope.Read("{}"u8.ToArray(), new FeedSink(10), out more, out next));
        Assert.Equal((false, ""), (more, next));
    }

    [Fact]
    public void Reads_attributes_of_MISP_that_are_fit_to_be_looked_for()
    {
        var (_, sink) = Read("misp", FeedCorpus.MispEvent);

        Assert.Equal(["203.0.113.7/32 command-and-control", "203.0.113.8/32 port 443 command-and-control", "bad.example port 8080 command-and-control", "c2.example command-and-control"], Entries(sink));
    }

    [Fact]
    public void Names_the_newest_events_of_a_manifest_by_UUID_and_nothing_else()
    {
        var text = FeedCorpus.MispManifest.TrimEnd()[..^1] + ""","../../etc/passwd":{"timestamp":"9999999999"}}""";

        Assert.Equal(DecodeError.None, MispFeed.ReadManifest(Encoding.UTF8.GetBytes(text), 10, out var events));
        Assert.Equal(["5a1b2c3d-0000-4000-8000-000000000002", "5a1b2c3d-0000-4000-8000-000000000001"], events.Select(e => e.ToString()));
        MispFeed.ReadManifest(Encoding.UTF8.GetBytes(text), 1, out events);
        Assert.Single(events);
    }

    [Theory, MemberData(nameof(Names))]
    public void Takes_no_more_than_fits_and_counts_the_rest(string format)
    {
        var whole = Read(format, Formats[format].Good[0]).Sink;
        var half = Read(format, Formats[format].Good[0], capacity: 1).Sink;

        Assert.Single(half.Entries);
        Assert.Equal(whole.Entries.Count - 1, half.Overflow);
    }

    [Theory, MemberData(nameof(Names))]
    public void Survives_every_truncation_and_every_changed_byte(string format)
    {
        foreach (var good in Formats[format].Good.Select(Encoding.UTF8.GetBytes))
        {
            for (var length = 0; length < good.Length; length++) Formats[format].Read(good.AsMemory(0, length), new FeedSink(100));
            foreach (var value in (byte[])[0, (byte)'"', (byte)'\\', (byte)'\n', (byte)',', 0xFF, (byte)'{'])
            {
                for (var at = 0; at < good.Length; at++)
                {
                    var changed = good.ToArray();
                    changed[at] = value;
                    Formats[format].Read(changed, new FeedSink(100));
                }
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Survives_whatever_text(string format) =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            var (_, sink) = Read(format, text ?? "");
            return sink.Entries.All(e => e.Prefix is not null || FeedEntry.IsDomain(e.Name));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("2026-03-07 10:11:12", "2026-03-07T10:11:12.000000Z")]
    [InlineData("2026-03-07 10:11:12 UTC", "2026-03-07T10:11:12.000000Z")]
    [InlineData("2026-03-07", "2026-03-07T00:00:00.000000Z")]
    [InlineData("2026-03-07T10:11:12+01:00", "2026-03-07T09:11:12.000000Z")]
    [InlineData("yesterday at noon", null)]
    [InlineData("0", null)]
    public void Understands_how_feeds_write_the_time(string text, string? time) => Assert.Equal(time, FeedText.Time(text)?.ToString());
}
