using Breakwater.Core.Behaviour;

namespace Breakwater.Tests.Core.Behaviour;

public class PairMemoryTests
{
    [Fact]
    public void A_thing_is_new_once()
    {
        using var memory = new PairMemory(1_024);
        Assert.True(memory.Add(Thing(1)));
        Assert.False(memory.Add(Thing(1)));
        Assert.True(memory.Add(Thing(2)));
    }

    [Fact]
    public void Of_many_in_one_place_the_newest_sixteen_are_known()
    {
        using var memory = new PairMemory(16);
        for (var i = 1ul; i <= 20; i++) Assert.True(memory.Add(Thing(i)));
        for (var i = 5ul; i <= 20; i++) Assert.False(memory.Add(Thing(i)));
        for (var i = 1ul; i <= 4; i++) Assert.True(memory.Add(Thing(i)));
    }

    /// <summary>Bit 32 is always set in what is remembered.</summary>
    private static ulong Thing(ulong number) => number << 33;
}
