namespace Breakwater.Engine.Notification;

/// <summary>A way to tell people or their systems: webhook, syslog, e-mail …</summary>
/// <remarks>
/// It is inert until the first message. Calls come one after the other. It is told the same message again when it failed, so a receiver
/// may get one twice, with the same <see cref="NoticeGroup.Id"/>. It tries once and obeys the cancellation; who calls it decides how
/// long, how often and when, and counts. <see cref="IOException"/>, <see cref="System.Net.Sockets.SocketException"/>,
/// <see cref="HttpRequestException"/> and <see cref="System.Security.Authentication.AuthenticationException"/> may come out of it: they
/// are the world saying no. No message of theirs, or of <see cref="Delivery"/>, holds a secret.
/// </remarks>
public interface INotifier : IDisposable
{
    /// <summary>Its name in the composition, its section under <c>notifications</c>, and its label in metrics.</summary>
    string Name { get; }

    Task<Delivery> SendAsync(NoticeGroup group, CancellationToken cancellation);
}

/// <summary>How an attempt went.</summary>
/// <param name="Problem">What the receiver said; null when it took the message.</param>
/// <param name="Again">False when trying again cannot help: the receiver says that the message is wrong.</param>
public readonly record struct Delivery(string? Problem, bool Again)
{
    public static Delivery Done => new(null, false);

    public static Delivery Failed(string problem) => new(problem, true);

    public static Delivery Refused(string problem) => new(problem, false);
}
