using System.Diagnostics;

namespace Breakwater.SystemTests.Support;

/// <summary>Waits for what will be true soon, without guessing how soon.</summary>
internal static class Poll
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks again and again until the answer is not null.</summary>
    /// <exception cref="TimeoutException">It stayed null; the message ends in what <paramref name="describe"/> says of the last state.</exception>
    public static async Task<T> Until<T>(string what, Func<Task<T?>> ask, TimeSpan? within = null, Func<string>? describe = null) where T : class
    {
        var limit = within ?? TimeSpan.FromSeconds(60);
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (await ask() is { } answer) return answer;
            if (watch.Elapsed > limit) throw new TimeoutException($"not within {limit.TotalSeconds:0} s: {what}\n{describe?.Invoke()}");
            await Task.Delay(Interval);
        }
    }

    public static Task Until(string what, Func<Task<bool>> ask, TimeSpan? within = null, Func<string>? describe = null) =>
        Until(what, async () => await ask() ? "yes" : null, within, describe);
}
