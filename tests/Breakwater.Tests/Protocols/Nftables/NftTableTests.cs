using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Fuzz.Corpus;
using Breakwater.Protocols.Nftables;

namespace Breakwater.Tests.Protocols.Nftables;

/// <summary>What nft 1.0.6 says of a table, as recorded from it.</summary>
public class NftTableTests
{
    [Fact]
    public void Counters_rules_and_elements_are_read()
    {
        var table = Read(NftablesCorpus.OurTable);
        Assert.True(table.IsOurs);
        Assert.Equal(new NftCount(5, 600), table.Counters["m-0123456789ab"]);
        Assert.Equal(["m-0123456789ab", "m-2"], table.Chains["k4-32-c0000207"]);
        Assert.Equal([""], table.Chains["hook0"]);
        Assert.Equal("k4-32-c0000207", table.Elements[("k4-32", IpAddr.Parse("192.0.2.7"))]);
        Assert.Equal("l6-48-20010db8000000000000000000000000", table.Elements[("l6-48", IpAddr.Parse("2001:db8::"))]);
    }

    [Fact]
    public void A_table_of_our_name_without_our_mark_is_somebody_elses()
    {
        Assert.False(Read(NftablesCorpus.OthersTable).IsOurs);
        Assert.True(Read("""{"nftables": [{"table": {"family": "inet", "name": "breakwater", "handle": 1}}]}""").IsOurs);
    }

    [Theory]
    [InlineData("\"packets\": 5", "\"packets\": 6")]
    [InlineData("\"handle\": 18", "\"handle\": 19")]
    [InlineData("\"expires\": 599", "\"expires\": 3")]
    [InlineData("{\"elem\": {\"val\": \"ipv6\", \"timeout\": 30, \"expires\": 29}}", "{\"elem\": {\"val\": \"ipv6\", \"timeout\": 30, \"expires\": 1}}")]
    [InlineData("[\"2001:db8::\", {\"jump\": {\"target\": \"l6-48-20010db8000000000000000000000000\"}}], [\"2001:db8:1::\", {\"jump\": {\"target\": \"l6-48-20010db8000100000000000000000000\"}}]",
        "[\"2001:db8:1::\", {\"jump\": {\"target\": \"l6-48-20010db8000100000000000000000000\"}}], [\"2001:db8::\", {\"jump\": {\"target\": \"l6-48-20010db8000000000000000000000000\"}}]")]
    public void What_changes_by_itself_is_no_change(string from, string to) =>
        Assert.Equal(Read(NftablesCorpus.OurTable).Fingerprint, Read(Changed(from, to)).Fingerprint);

    [Theory]
    [InlineData("{\"drop\": null}", "{\"accept\": null}")]
    [InlineData("\"prio\": -450", "\"prio\": 0")]
    [InlineData("\"val\": \"192.0.2.7\"", "\"val\": \"192.0.2.8\"")]
    [InlineData("\"rate\": 125000", "\"rate\": 125001")]
    [InlineData("1024, 65535", "1025, 65535")]
    [InlineData("\"policy\": \"accept\"", "\"policy\": \"drop\"")]
    public void What_others_change_shows(string from, string to) =>
        Assert.NotEqual(Read(NftablesCorpus.OurTable).Fingerprint, Read(Changed(from, to)).Fingerprint);

    [Fact]
    public void Only_a_table_of_our_family_counts()
    {
        Assert.Equal(DecodeError.None, NftTable.Find(Encoding.UTF8.GetBytes(NftablesCorpus.Tables), "breakwater", out var found, out _));
        Assert.True(found);
        NftTable.Find(Encoding.UTF8.GetBytes(NftablesCorpus.Tables.Replace("inet", "ip6", StringComparison.Ordinal)), "breakwater", out found, out _);
        Assert.False(found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Error: No such file or directory")]
    [InlineData("[]")]
    [InlineData("""{"nftables": 5}""")]
    [InlineData("""{"nftables": [{"map": {"name": "\ud800"}}]}""")]
    public void What_is_no_listing_is_an_error_with_a_reason(string text)
    {
        Assert.Equal(DecodeError.InvalidValue, NftTable.Read(Encoding.UTF8.GetBytes(text), out var table, out var problem));
        Assert.NotNull(problem);
        Assert.Empty(table.Chains);
    }

    [Fact]
    public void Every_truncation_and_every_damaged_octet_is_survived()
    {
        var golden = Encoding.UTF8.GetBytes(NftablesCorpus.OurTable);
        for (var length = 0; length < golden.Length; length++)
            Assert.Equal(DecodeError.InvalidValue, NftTable.Read(golden.AsMemory(0, length), out _, out _));
        for (var at = 0; at < golden.Length; at++)
        {
            var damaged = golden.ToArray();
            damaged[at] ^= 0x15;
            var error = NftTable.Read(damaged, out _, out var problem);
            Assert.Equal(error == DecodeError.None, problem is null);
        }
    }

    [Fact]
    public void A_million_brackets_are_refused()
    {
        var nested = Encoding.UTF8.GetBytes("""{"nftables":""" + new string('[', 1_000_000));
        Assert.Equal(DecodeError.InvalidValue, NftTable.Read(nested, out _, out _));
    }

    private static string Changed(string from, string to)
    {
        Assert.Contains(from, NftablesCorpus.OurTable, StringComparison.Ordinal);
        return NftablesCorpus.OurTable.Replace(from, to, StringComparison.Ordinal);
    }

    private static NftTable Read(string text)
    {
        Assert.Equal(DecodeError.None, NftTable.Read(Encoding.UTF8.GetBytes(text), out var table, out var problem));
        Assert.Null(problem);
        return table;
    }
}
