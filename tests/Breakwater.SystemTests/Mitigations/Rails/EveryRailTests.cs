using Breakwater.Core.Mitigations.Rails;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Mitigations.Rails;

/// <summary>Every guard rail, tried through every door: configuration, API, command line, DOTS, feed. Each refuses by its name, and nothing gets through.</summary>
public class EveryRailTests
{
    [Fact]
    public void Every_rail_is_in_the_table_once_and_tried_through_every_door()
    {
        Assert.Equal(new GuardRails(new RailOptions(), [], [], []).Names.Order(), RailTable.All.Select(r => r.Rail).Order());
        foreach (var rail in RailTable.All)
            foreach (var attempts in new[] { rail.Api, rail.Cli, rail.Dots, rail.Feed }) Assert.NotEmpty(attempts);
    }

    [NeedsFact("coap-client-openssl")]
    public async Task No_door_leads_around_any_rail()
    {
        await using var doors = await FiveDoors.Open();

        // Configuration first: what a reload let slip would show in everything that follows.
        var said = await doors.Reload(RailTable.All.Select(r => (r.Mistake.From, r.Mistake.To)));
        foreach (var rail in RailTable.All) Assert.Contains($": {rail.Mistake.Path}", said, StringComparison.Ordinal);
        Assert.DoesNotContain("in force now", said, StringComparison.Ordinal);
        said = await doors.Reload(RailTable.All.Where(r => r.Wider is not null).Select(r => (r.Wider!.From, r.Wider.To)));
        foreach (var rail in RailTable.All.Where(r => r.Wider is not null))
            Assert.Contains($": {rail.Wider!.Path} has changed and needs a restart; the old value stays in force", said, StringComparison.Ordinal);
        Assert.DoesNotContain("in force now", said, StringComparison.Ordinal);

        var wrong = new List<string>();
        foreach (var rail in RailTable.All)
        {
            if (rail.Given is { } given) await given(doors);
            var before = doors.InForce.Count;
            foreach (var attempt in (Attempt[])[.. rail.Api, .. rail.Cli, .. rail.Dots, .. rail.Feed])
            {
                try
                {
                    await attempt.Make(doors, rail.Rail);
                }
                catch (Exception failure) when (failure is Xunit.Sdk.XunitException or TimeoutException)
                {
                    wrong.Add($"{rail.Rail}: {attempt}\n{failure.Message}");
                }
                if (doors.InForce.Count != before) wrong.Add($"{rail.Rail}: {attempt} got through: {doors.InForce[0]}");
            }
            await doors.Clear();
        }
        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
        Assert.Empty(doors.InForce);
    }
}
