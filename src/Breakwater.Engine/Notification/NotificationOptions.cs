using System.ComponentModel.DataAnnotations;
using Breakwater.Core.Incidents;

namespace Breakwater.Engine.Notification;

/// <summary>Section <c>notifications</c> of the configuration file: who is told of attacks, and how.</summary>
public sealed class NotificationOptions
{
    /// <summary>Incidents below this severity are not told of: <c>info</c>, <c>low</c>, <c>medium</c>, <c>high</c> or <c>critical</c>.</summary>
    /// <remarks>What is merely worth a look is told once it is more than that.</remarks>
    public Severity Severity { get; set; } = Severity.Medium;

    /// <summary>Growth of an attack's peak since it was last told of that is told again.</summary>
    /// <remarks>Twice the rate may be a link that is full; a tenth more is not worth a message.</remarks>
    [Range(1.1, 1000)]
    public double PeakFactor { get; set; } = 2;

    /// <summary>How long a message waits for others that go with it.</summary>
    /// <remarks>Carpet bombing makes dozens of incidents within a second: they are one message. The script does not wait.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan GroupWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Messages that each receiver gets in a minute at most; what happens meanwhile goes into the next.</summary>
    [Range(1, 6000)]
    public int MaxPerMinute { get; set; } = 10;

    /// <summary>Time for one attempt to deliver a message, after which it counts as failed.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts to deliver a message; the pause between them doubles from one second to one minute.</summary>
    /// <remarks>8 attempts bridge two minutes: the restart of a receiver, or a link that mitigation first has to clear.</remarks>
    [Range(1, 100)]
    public int Attempts { get; set; } = 8;

    /// <summary>A program that is run when an attack begins and when it ends.</summary>
    public ScriptNotifierOptions Script { get; set; } = new();

    public WebhookOptions Webhook { get; set; } = new();

    public SyslogOptions Syslog { get; set; } = new();

    public EmailOptions Email { get; set; } = new();

    public CrowdSecOptions Crowdsec { get; set; } = new();
}
