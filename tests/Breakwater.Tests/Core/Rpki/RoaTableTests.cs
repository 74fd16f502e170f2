using Breakwater.Core.Net;
using Breakwater.Core.Rpki;
using Breakwater.Tests.Protocols.Bgp;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Core.Rpki;

public class RoaTableTests
{
    private static readonly Arbitrary<Vrp> Vrps = (
        from six in Gen.Elements(false, true)
        from prefix in BgpSamples.Prefixes(six)
        from more in Gen.Choose(0, 8)
        from number in Gen.Choose(0, 4)
        select new Vrp(prefix, (byte)Math.Min(prefix.Address.Bits, prefix.Length + more), (uint)number)).ToArbitrary();

    private readonly RoaTable _table = new();

    public RoaTableTests()
    {
        Add("192.0.2.0/24", 24, 64500);
        Add("198.51.100.0/24", 26, 64500);
        Add("198.51.100.0/24", 24, 64501);
        Add("203.0.113.0/24", 32, 0);
        Add("2001:db8::/32", 48, 64500);
    }

    [Theory]
    [InlineData("192.0.2.0/24", 64500u, OriginValidity.Valid)]
    [InlineData("192.0.2.0/24", 64501u, OriginValidity.Invalid)]
    [InlineData("192.0.2.7/32", 64500u, OriginValidity.Invalid)]
    [InlineData("192.0.0.0/16", 64500u, OriginValidity.NotFound)]
    [InlineData("198.51.100.64/26", 64500u, OriginValidity.Valid)]
    [InlineData("198.51.100.64/27", 64500u, OriginValidity.Invalid)]
    [InlineData("198.51.100.64/26", 64501u, OriginValidity.Invalid)]
    [InlineData("198.51.100.0/24", 64501u, OriginValidity.Valid)]
    [InlineData("203.0.113.0/24", 0u, OriginValidity.Invalid)]
    [InlineData("203.0.113.0/24", 64500u, OriginValidity.Invalid)]
    [InlineData("2001:db8:5::/48", 64500u, OriginValidity.Valid)]
    [InlineData("2001:db8:5::9/128", 64500u, OriginValidity.Invalid)]
    [InlineData("2001:db9::/32", 64500u, OriginValidity.NotFound)]
    public void A_route_is_as_its_payloads_say(string route, uint origin, OriginValidity validity) =>
        Assert.Equal(validity, _table.Validate(Prefix.Parse(route), origin).Validity);

    [Fact]
    public void The_evidence_names_what_covers_the_route_and_why_it_does_not_allow_it()
    {
        var tooLong = _table.Validate(Prefix.Parse("192.0.2.7/32"), 64500);
        Assert.Equal("192.0.2.0/24 AS64500 covers 192.0.2.7/32, but not its length of 32", tooLong.Because);
        Assert.Equal([new Vrp(Prefix.Parse("192.0.2.0/24"), 24, 64500)], tooLong.Covering);
        Assert.Equal("198.51.100.0/24-26 AS64500, 198.51.100.0/24 AS64501 cover 198.51.100.0/24, but not from AS64999", _table.Validate(Prefix.Parse("198.51.100.0/24"), 64999).Because);
    }

    [Fact]
    public void A_payload_is_too_wide_when_it_allows_more_than_is_announced()
    {
        Prefix[] announced = [Prefix.Parse("198.51.100.0/24"), Prefix.Parse("192.0.2.0/24")];
        Assert.Equal("198.51.100.0/24-26 AS64500", Assert.Single(_table.Validate(announced[0], 64500).TooWide(announced)).ToString());
        Assert.Empty(_table.Validate(announced[1], 64500).TooWide(announced));
        Assert.Empty(_table.Validate(announced[0], 64500).TooWide([.. announced, Prefix.Parse("198.51.100.64/26")]));
    }

    [Fact]
    public void What_is_taken_back_no_longer_counts_and_once_only()
    {
        var vrp = new Vrp(Prefix.Parse("198.51.100.0/24"), 26, 64500);
        Assert.False(_table.Add(vrp));
        Assert.True(_table.Remove(vrp));
        Assert.False(_table.Remove(vrp));
        Assert.Equal(4, _table.Count);
        Assert.Equal(OriginValidity.Invalid, _table.Validate(Prefix.Parse("198.51.100.0/24"), 64500).Validity);
        Assert.True(_table.Remove(vrp with { MaxLength = 24, As = 64501 }));
        Assert.Equal(OriginValidity.NotFound, _table.Validate(Prefix.Parse("198.51.100.0/24"), 64500).Validity);
    }

    [Fact]
    public void Says_the_same_as_going_through_all_payloads_one_by_one() =>
        Prop.ForAll(Vrps.Generator.ListOf().ToArbitrary(), Vrps, (vrps, probe) =>
        {
            var table = new RoaTable();
            foreach (var vrp in vrps) table.Add(vrp);
            var route = Prefix.Of(probe.Prefix.Address, probe.MaxLength);
            var covering = vrps.Distinct().Where(v => v.Prefix.Contains(route)).ToArray();
            var expected = covering.Length == 0 ? OriginValidity.NotFound
                : covering.Any(v => v.As != 0 && v.As == probe.As && route.Length <= v.MaxLength) ? OriginValidity.Valid : OriginValidity.Invalid;
            var said = table.Validate(route, probe.As);
            return said.Validity == expected && said.Covering.ToHashSet().SetEquals(covering) && table.Count == vrps.Distinct().Count();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Adding_and_taking_back_leaves_nothing() =>
        Prop.ForAll(Vrps.Generator.ListOf().ToArbitrary(), vrps =>
        {
            var table = new RoaTable();
            foreach (var vrp in vrps) table.Add(vrp);
            return vrps.Distinct().All(v => table.Remove(v)) && table.Count == 0 && vrps.All(v => table.Validate(v.Prefix, v.As).Validity == OriginValidity.NotFound);
        }).QuickCheckThrowOnFailure();

    private void Add(string prefix, byte most, uint number) => Assert.True(_table.Add(new Vrp(Prefix.Parse(prefix), most, number)));
}
