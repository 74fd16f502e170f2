using Breakwater.Core.Sketches;

namespace Breakwater.Tests.Core.Sketches;

public class FewHittersTests
{
    [Fact]
    public void Shares_are_exact_while_the_keys_fit()
    {
        var hitters = new FewHitters();
        for (var key = 1; key <= 10; key++) hitters.Add(key, key);
        Assert.Equal(55, hitters.Total);
        Assert.Equal(10, hitters.Heaviest);
        Assert.Equal(27.0 / 55, hitters.Share(3), 12);
        Assert.Equal(1, hitters.Share(16), 12);
    }

    [Fact]
    public void A_heavy_key_among_thousands_of_light_ones_is_found_and_never_overstated()
    {
        var hitters = new FewHitters();
        for (var i = 0; i < 20_000; i++) hitters.Add(i % 2 == 0 ? 7 : 1000 + i, 1);
        Assert.Equal(7, hitters.Heaviest);
        Assert.InRange(hitters.Share(1), 0.45, 0.5);
    }

    [Fact]
    public void Many_light_keys_are_no_concentration()
    {
        var hitters = new FewHitters();
        for (var i = 0; i < 20_000; i++) hitters.Add(i, 1);
        Assert.InRange(hitters.Share(3), 0, 0.01);
    }

    [Fact]
    public void Clearing_forgets_everything()
    {
        var hitters = new FewHitters();
        hitters.Add(5, 100);
        hitters.Clear();
        hitters.Add(6, 1);
        Assert.Equal(6, hitters.Heaviest);
        Assert.Equal(1, hitters.Share(1));
    }
}
