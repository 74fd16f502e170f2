using Xunit.Abstractions;

namespace Breakwater.Tests.Engine.Behaviour;

/// <summary>A day of dice that the rules were tuned on.</summary>
public class FleetDayTests(ITestOutputHelper output)
{
    [Fact]
    public void Finds_the_bots_within_an_hour_and_accuses_nobody_else() => FleetDay.Watch(seed: 1, output).AssertBotsAndNobodyElse();
}

/// <summary>A day of dice that nobody had looked at when the rules were made. A class of its own, so that both run at the same time.</summary>
public class UnseenFleetDayTests(ITestOutputHelper output)
{
    [Fact]
    public void Finds_the_bots_within_an_hour_and_accuses_nobody_else() => FleetDay.Watch(seed: 4, output).AssertBotsAndNobodyElse();
}
