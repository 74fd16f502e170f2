using System.Text;
using System.Text.Json;
using Breakwater.Protocols.Json;

namespace Breakwater.Tests.Protocols.Json;

public class ForeignJsonTests
{
    [Theory]
    [InlineData("""{"a":"\ud83d\ude00","\u0061":1}""")]
    [InlineData("[]")]
    public void Takes_whatever_is_text(string json)
    {
        using var document = ForeignJson.Parse(Encoding.UTF8.GetBytes(json));
        Assert.NotNull(document);
    }

    [Theory]
    [InlineData("""{"a\ud800":1,"match":{}}""")]
    [InlineData("""{"match":{"\udc00":1}}""")]
    [InlineData("""["\ud800\ud800"]""")]
    [InlineData("""{"a":1""")]
    [InlineData("")]
    [InlineData("\ud800")]
    public void Refuses_as_a_whole_what_is_no_JSON_or_holds_half_a_character(string json) => Assert.Null(ForeignJson.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Follows_no_nesting_deeper_than_asked() =>
        Assert.Null(ForeignJson.Parse("[[[[]]]]"u8.ToArray(), new JsonDocumentOptions { MaxDepth = 3 }));

    [Theory]
    [InlineData("""{"\ud800":1,"match":{"destination":"192.0.2.1"},"action":"drop"}""")]
    [InlineData("""{"match":{"destination":"192.0.2.1","\ud800":1},"action":"drop"}""")]
    [InlineData("""{"match":{"destination":"192.0.2.1","sourcePorts":[{"\ud800":1,"from":1,"to":2}]},"action":"drop"}""")]
    [InlineData("""{"match":{"destination":"192.0.2.1"},"action":"\ud800"}""")]
    [InlineData("""{"match":{"destination":"192.0.2.1"},"action":"drop","reason":"\ud800"}""")]
    public void A_request_with_half_a_character_in_it_is_refused_and_nothing_breaks(string json)
    {
        Assert.Null(MitigationRequestJson.Read(Encoding.UTF8.GetBytes(json), "somebody", TimeSpan.FromHours(1), out var problem));
        Assert.Equal("not JSON", problem);
        Assert.NotNull(MitigationRequestJson.Read(Encoding.UTF8.GetBytes("""{"match":{"destination":"192.0.2.1"},"action":"drop"}"""), "somebody", TimeSpan.FromHours(1), out _));
    }
}
