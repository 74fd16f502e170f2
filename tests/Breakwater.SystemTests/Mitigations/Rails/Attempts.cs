using System.Text;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Mitigations.Rails;

/// <summary>Something that somebody tries at one of the doors, and what must come of it.</summary>
internal abstract record Attempt
{
    /// <exception cref="Xunit.Sdk.XunitException">It was not refused as it must be.</exception>
    public abstract Task Make(FiveDoors doors, string rail);

    /// <summary>A "no" for good, or a "not yet" that leaves a proposal.</summary>
    protected static MitigationState RefusedState(string rail) => GuardRails.MayLift(rail) ? MitigationState.Proposed : MitigationState.Refused;
}

/// <summary>The configuration file, changed where it stands for the rail, and read again.</summary>
/// <param name="Path">The key that the service must name: as a mistake, or as changed and not in force before a restart.</param>
internal sealed record Edit(string From, string To, string Path)
{
    /// <summary>A key more in <c>mitigation.rails</c>.</summary>
    public static Edit Rail(string key, string value) => new("rails: { ", $"rails: {{ {key}: {value}, ", "mitigation.rails." + key);

    /// <summary>Another value of a key in <c>mitigation.rails</c>.</summary>
    public static Edit Rail(string key, string from, string to) => new($"{key}: {from}", $"{key}: {to}", "mitigation.rails." + key);
}

/// <summary>An operator asks over the API, and the rail is the first to refuse.</summary>
internal sealed record ApiAsks(string Body) : Attempt
{
    public override async Task Make(FiveDoors doors, string rail)
    {
        var (status, answer) = await doors.Api(HttpMethod.Post, "", Body);
        Assert.True(rail == answer.GetProperty("refusedBy").GetString(), answer.ToString());
        Assert.Equal((GuardRails.MayLift(rail) ? 201 : 422, RefusedState(rail).Name()), (status, answer.GetProperty("state").GetString()));
        Assert.True(answer.GetProperty("outcome").GetString()!.Length > 10, answer.ToString());
    }
}

/// <summary>The API has no word for it.</summary>
/// <param name="Says">The error that it gives instead.</param>
/// <param name="Why">Why there is no word for it.</param>
internal sealed record ApiCannot(string Body, string Says, string Why) : Attempt
{
    public override async Task Make(FiveDoors doors, string rail)
    {
        var (status, answer) = await doors.Api(HttpMethod.Post, "", Body);
        Assert.Equal(400, status);
        Assert.True(answer.GetProperty("detail").GetString()!.StartsWith(Says, StringComparison.Ordinal), $"{Why}, but: {answer}");
    }
}

/// <summary>An operator types <c>breakwater mitigations</c>, and the rail is the first to refuse.</summary>
internal sealed record CliAsks(string Arguments) : Attempt
{
    public override async Task Make(FiveDoors doors, string rail)
    {
        var (exit, said) = await doors.Cli(Arguments);
        Assert.Contains(GuardRails.MayLift(rail) ? $"held back by {rail}: " : $"refused by {rail}: ", said, StringComparison.Ordinal);
        Assert.Equal(GuardRails.MayLift(rail) ? 0 : 6, exit);
    }
}

/// <summary>The command line has no word for it.</summary>
internal sealed record CliCannot(string Arguments, string Says, string Why) : Attempt
{
    public override async Task Make(FiveDoors doors, string rail)
    {
        var (exit, said) = await doors.Cli(Arguments);
        Assert.True(exit == 2 && said.Contains(Says, StringComparison.Ordinal), $"{Why}, but exit {exit}: {said}");
    }
}

/// <summary>A DOTS client asks; it is answered 4.03 with the rail's name.</summary>
internal sealed record DotsAsks(string Client, string Scope) : Attempt
{
    public override async Task Make(FiveDoors doors, string rail)
    {
        var (said, _) = await doors.Dots(Client, Scope);
        Assert.Contains("4.03", said, StringComparison.Ordinal);
        Assert.Contains($"{rail}: ", said, StringComparison.Ordinal);
        Assert.Null(doors.Newest(Client));
    }
}

/// <summary>A DOTS client asks for what a person may still allow: the request is taken, and waits with the rail's name.</summary>
internal sealed record DotsWaits(string Client, string Scope) : Attempt
{
    public override async Task Make(FiveDoors doors, string rail)
    {
        var (said, withdraw) = await doors.Dots(Client, Scope);
        var waits = await Poll.Until($"a proposal of {Client}", () => Task.FromResult(doors.Newest(Client)), TimeSpan.FromSeconds(10), () => said);
        Assert.Equal((MitigationState.Proposed, rail), (waits.State, waits.RefusedBy));
        await withdraw();
        await Poll.Until("it is withdrawn", () => Task.FromResult(doors.Newest(Client) is null), TimeSpan.FromSeconds(10));
    }
}

/// <summary>DOTS has no word for it.</summary>
/// <param name="Body">The whole body, in hexadecimal digits, or the scope as JSON.</param>
/// <param name="Says">The answer that it gets instead, code and text.</param>
/// <param name="Why">Why there is no word for it.</param>
internal sealed record DotsCannot(string Client, string Body, string Says, string Why) : Attempt
{
    public override async Task Make(FiveDoors doors, string rail)
    {
        var (said, _) = Body.Contains('"', StringComparison.Ordinal) ? await doors.Dots(Client, Body) : await doors.Dots(Client, Convert.FromHexString(Body));
        Assert.True(said.Contains(Says, StringComparison.Ordinal), $"{Why}, but: {said}");
        Assert.Null(doors.Newest(Client));
    }

    /// <summary>A good request, and one parameter more that no registry knows (key 500), which a server must understand or refuse (RFC 9132 §6).</summary>
    public static DotsCannot Saying(string text, string why) => new("dropper",
        "A101A10281A3" + "06816C" + Convert.ToHexString("192.0.2.7/32"u8) + "0E190258" + "1901F4" + (0x60 + text.Length).ToString("X2") + Convert.ToHexString(Encoding.ASCII.GetBytes(text)),
        "4.00 the parameter with key 500 is not understood", why);
}

/// <summary>A DOTS client may ask for any lifetime; what begins lives no longer than the rail lets it, and its request renews it.</summary>
internal sealed record DotsGetsNoMoreThan(TimeSpan MaxTtl, string Client, string Scope, int Lifetime) : Attempt
{
    public override async Task Make(FiveDoors doors, string rail)
    {
        var (said, withdraw) = await doors.Dots(Client, Scope, Lifetime);
        var begun = await Poll.Until($"a mitigation of {Client}", () => Task.FromResult(doors.Newest(Client)), TimeSpan.FromSeconds(10), () => said);
        Assert.True(begun.IsWanted, begun.Outcome);
        Assert.True(begun.Expires - begun.Since <= MaxTtl, $"{begun.Since} to {begun.Expires}");
        await withdraw();
        await Poll.Until("it is withdrawn", () => Task.FromResult(doors.Newest(Client) is null), TimeSpan.FromSeconds(10));
    }
}

/// <summary>A feed asks, and the rail is the first to refuse.</summary>
internal sealed record FeedAsks(Func<FiveDoors, Task<Mitigation>> Ask) : Attempt
{
    public override async Task Make(FiveDoors doors, string rail)
    {
        var answer = await Ask(doors);
        Assert.True((rail, RefusedState(rail)) == (answer.RefusedBy, answer.State), $"{answer.State.Name()} by {answer.RefusedBy}: {answer.Outcome}");
        Assert.True(answer.Outcome.Length > 10);
    }
}
