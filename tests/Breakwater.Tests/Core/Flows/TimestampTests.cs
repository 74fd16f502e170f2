using Breakwater.Core.Flows;

namespace Breakwater.Tests.Core.Flows;

public class TimestampTests
{
    private static readonly Timestamp Now = Timestamp.FromUnixSeconds(1_700_000_000);

    [Fact]
    public void The_beginning_of_time_is_long_ago_and_its_end_far_away()
    {
        Assert.True(Now - Timestamp.Min > TimeSpan.FromDays(365 * 200));
        Assert.True(Timestamp.Min - Now < TimeSpan.FromDays(-365 * 200));
        Assert.True(Timestamp.Max - new Timestamp(-1) > TimeSpan.FromDays(365 * 200));
        Assert.Equal(TimeSpan.FromSeconds(-3), Now - (Now + TimeSpan.FromSeconds(3)));
        Assert.Equal(TimeSpan.Zero, Timestamp.Min - Timestamp.Min);
    }
}
