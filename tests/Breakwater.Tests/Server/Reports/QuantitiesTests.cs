using Breakwater.Server.Reports;

namespace Breakwater.Tests.Server.Reports;

public class QuantitiesTests
{
    [Theory]
    [InlineData(0, "0 bit/s")]
    [InlineData(999.4, "999 bit/s")]
    [InlineData(999.6, "1 kbit/s")]
    [InlineData(1_234_567, "1.23 Mbit/s")]
    [InlineData(12_345_678, "12.3 Mbit/s")]
    [InlineData(3.2e12, "3.2 Tbit/s")]
    public void Rates_have_three_digits(double rate, string text) => Assert.Equal(text, Quantities.BitRate(rate));

    [Theory]
    [InlineData(0, "0 %")]
    [InlineData(0.0001, "<0.1 %")]
    [InlineData(0.004, "0.4 %")]
    [InlineData(0.973, "97 %")]
    [InlineData(0.9999, ">99 %")]
    [InlineData(1, "100 %")]
    public void A_share_is_never_rounded_to_all_or_nothing(double share, string text) => Assert.Equal(text, Quantities.Share(share));

    [Theory]
    [InlineData(0.0000123, "12.3 µs")]
    [InlineData(0.0123, "12.3 ms")]
    [InlineData(12.34, "12.3 s")]
    [InlineData(5025, "1 h 23 min")]
    [InlineData(250_000, "2 d 21 h")]
    public void Spans_have_the_unit_that_fits(double seconds, string text) => Assert.Equal(text, Quantities.Span(TimeSpan.FromSeconds(seconds)));
}
