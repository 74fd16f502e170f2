using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Captures;

namespace Breakwater.Tests.Protocols.Captures;

public class TimeTextTests
{
    [Theory]
    [InlineData("1545469224.865310", 1545469224_865310000), InlineData("1545469224", 1545469224_000000000), InlineData("1545469224.8653101239", 1545469224_865310123)]
    [InlineData("1545469224865", 1545469224_865000000), InlineData("-1.5", -1_500000000), InlineData("-0.5", -500000000), InlineData("0.000000", 0)]
    [InlineData("2018-12-22T09:00:24.865310Z", 1545469224_865310000), InlineData("2018/12/22 09:00:24.865310", 1545469224_865310000), InlineData("2018-12-22T09:00:24Z", 1545469224_000000000)]
    [InlineData("1970/01/01 01:00:00.000000", 3600_000000000), InlineData("2016-02-29T00:00:00", 1456704000_000000000)]
    public void Reads_times_to_the_nanosecond(string text, long nanoseconds)
    {
        Assert.True(TimeText.TryParse(Encoding.UTF8.GetBytes(text), out var time));
        Assert.Equal(new Timestamp(nanoseconds), time);
    }

    [Theory]
    [InlineData(""), InlineData("-"), InlineData("x"), InlineData("1.2.3"), InlineData("99999999999"), InlineData("9223372036854775807"), InlineData("1e300"), InlineData("NaN")]
    [InlineData("2018-13-22T09:00:24Z"), InlineData("2017-02-29T09:00:24Z"), InlineData("2018-12-22T24:00:24Z"), InlineData("9999-12-22T09:00:24Z"), InlineData("2018-12-22T09:00:24+01:00")]
    public void Refuses_what_is_no_time(string text) => Assert.False(TimeText.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("6.4e-05", 64_000), InlineData("1E1", 10_000_000_000), InlineData(".5", 500_000_000)]
    public void Reads_durations_as_json_writers_print_them(string text, long nanoseconds)
    {
        Assert.True(TimeText.TrySeconds(Encoding.UTF8.GetBytes(text), out var read));
        Assert.Equal(nanoseconds, read);
    }
}
