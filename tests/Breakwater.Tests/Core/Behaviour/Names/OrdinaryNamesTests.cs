using System.Text;
using Breakwater.Core.Behaviour.Names;

namespace Breakwater.Tests.Core.Behaviour.Names;

public class OrdinaryNamesTests
{
    private static double Cost(string label) => OrdinaryNames.CostOf(Encoding.ASCII.GetBytes(label));

    [Theory]
    [InlineData("example"), InlineData("wikipedia"), InlineData("deutsche-bank"), InlineData("openstreetmap"), InlineData("lemonde"), InlineData("24hours"), InlineData("weatherchannel"), InlineData("przedsiebiorstwo")]
    public void Finds_ordinary_what_people_chose(string label) => Assert.InRange(Cost(label), 1, OrdinaryNames.OddCost);

    /// <remarks>Made by hand in the manner of families that draw letters: Cryptolocker, Conficker, Necurs, Murofet, and of a hash in hexadecimal.</remarks>
    [Theory]
    [InlineData("xjvkqpwdhtrme"), InlineData("qwzrtpsdf"), InlineData("ygfxnkvuqjbm"), InlineData("kqzvxwjhpgtr"), InlineData("7f3a9c1e5b8d2f40")]
    public void Finds_odd_what_was_drawn_by_lot(string label) => Assert.InRange(Cost(label), OrdinaryNames.OddCost, 20);

    [Fact]
    public void Takes_any_octets()
    {
        Assert.Equal(0, Cost(""));
        var label = new byte[63];
        for (var octet = 0; octet < 256; octet++)
        {
            label.AsSpan().Fill((byte)octet);
            Assert.InRange(OrdinaryNames.CostOf(label), 0, 20);
        }
    }

    [Fact]
    public void Measures_on_names_drawn_by_lot_what_the_documentation_says()
    {
        // docs/detection.md: 93 % of names of 13 letters, and every median of ten.
        var random = new Random(5);
        var odd = 0;
        for (var i = 0; i < 2000; i++) odd += Cost(string.Concat(Enumerable.Range(0, 13).Select(_ => (char)('a' + random.Next(25))))) > OrdinaryNames.OddCost ? 1 : 0;
        Assert.InRange(odd / 2000.0, 0.90, 0.97);
    }
}
