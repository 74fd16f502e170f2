using System.Text;
using Breakwater.Protocols.Feeds;

namespace Breakwater.Tests.Protocols.Feeds;

public class CsvRecordsTests
{
    private static List<string[]> Read(string text, out long skipped)
    {
        var records = new CsvRecords(Encoding.UTF8.GetBytes(text));
        var fields = new List<string>();
        var found = new List<string[]>();
        while (records.Next(fields)) found.Add([.. fields]);
        skipped = records.Skipped;
        return found;
    }

    [Theory]
    [InlineData("a,b,c", "a|b|c")]
    [InlineData("\"a\",\"b,c\"", "a|b,c")]
    [InlineData("\"say \"\"hi\"\"\",x", "say \"hi\"|x")]
    [InlineData("a,,c,", "a||c|")]
    [InlineData("\"a\" , \"b\"", "a|b")]
    [InlineData("a,\"b", "a|b")]
    public void Splits_a_record_into_fields(string record, string fields) => Assert.Equal(fields, string.Join('|', Assert.Single(Read(record, out _))));

    [Fact]
    public void A_quoted_field_may_hold_a_line_break()
    {
        var records = Read("a,\"b\nc\"\r\nd,e\n\n", out _);

        Assert.Equal(["a|b\nc", "d|e"], records.Select(r => string.Join('|', r)));
    }

    [Fact]
    public void A_quote_that_never_closes_costs_its_line_only()
    {
        var records = Read("a,\"b\nc,d\ne,f\n", out _);

        Assert.Equal(["a|b", "c|d", "e|f"], records.Select(r => string.Join('|', r)));
    }

    [Fact]
    public void A_record_with_too_many_fields_is_counted_and_passed_over()
    {
        var records = Read(new string(',', CsvRecords.MaxFields) + "\na,b\n", out var skipped);

        Assert.Equal("a|b", string.Join('|', Assert.Single(records)));
        Assert.Equal(1, skipped);
    }
}
