using Breakwater.Core.Flows;

namespace Breakwater.Tests.Core.Flows;

public class SamplingTableTests
{
    private readonly SamplingTable _table = new();

    [Fact]
    public void A_rate_announced_for_interface_0_is_for_records_that_name_no_other()
    {
        // softflowd, NetFlow v9: options with scope Interface 0, and records whose input interface is 0.
        _table.Announce(domain: 0, SamplingScope.Interface, key: 0, rate: 100);

        Assert.True(_table.TryFind(domain: 0, sampler: null, inputInterface: 0, out var rate));
        Assert.Equal(100u, rate);
        Assert.False(_table.TryFind(domain: 0, sampler: null, inputInterface: 3, out _));
    }

    [Fact]
    public void The_more_special_rate_goes_first()
    {
        _table.Announce(1, SamplingScope.Domain, 0, 10);
        _table.Announce(1, SamplingScope.Interface, 5, 20);
        _table.Announce(1, SamplingScope.Sampler, 7, 30);

        Assert.Equal(10u, RateOf(sampler: null, input: 4));
        Assert.Equal(20u, RateOf(sampler: null, input: 5));
        Assert.Equal(30u, RateOf(sampler: 7, input: 5));
        _table.Override = 40;
        Assert.Equal(40u, RateOf(sampler: 7, input: 5));
    }

    private uint RateOf(uint? sampler, uint input)
    {
        Assert.True(_table.TryFind(1, sampler, input, out var rate));
        return rate;
    }
}
