using System.ComponentModel.DataAnnotations;
using Breakwater.Core;

namespace Breakwater.Engine.Notification;

/// <summary>What the script is told, and how.</summary>
public enum ScriptFormat : byte
{
    /// <summary>As FastNetMon Community calls its notify script: four arguments, and text on standard input.</summary>
    Fastnetmon,

    /// <summary>As FastNetMon Advanced does: <c>ban</c> or <c>unban</c> and the address, and a JSON document on standard input.</summary>
    FastnetmonJson,
}

/// <summary>Section <c>notifications.script</c> of the configuration file: a program that is run when an attack begins and when it ends.</summary>
public sealed class ScriptNotifierOptions
{
    /// <summary>Full path of the program; empty for none.</summary>
    /// <remarks>
    /// Called as FastNetMon calls its notify script: address (or prefix), <c>incoming</c> or <c>outgoing</c>, packets per second,
    /// <c>ban</c> or <c>unban</c>; with <c>ban</c> the details come on standard input. It is run directly, not by a shell.
    /// </remarks>
    [Live]
    public string Path { get; set; } = "";

    /// <summary>What it is told: <c>fastnetmon</c> as above, or <c>fastnetmon-json</c> as FastNetMon Advanced does it.</summary>
    /// <remarks>With <c>fastnetmon-json</c> the arguments are <c>ban</c> or <c>unban</c> and the address (none for a prefix), and the JSON document comes on standard input both times.</remarks>
    [Live]
    public ScriptFormat Format { get; set; } = ScriptFormat.Fastnetmon;

    /// <summary>Time after which a program that has not ended is killed, with all its children.</summary>
    /// <remarks>Scripts that talk to a router take seconds; one that hangs must not hold the next up for long.</remarks>
    [Live]
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Programs that may run at a time.</summary>
    [Range(1, 64)]
    public int Concurrency { get; set; } = 8;
}
