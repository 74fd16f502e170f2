using Breakwater.Engine.Notification;

namespace Breakwater.Server.Configuration;

/// <summary>Section <c>notifications</c> of the configuration file: who is told of attacks, and how.</summary>
public sealed class NotificationOptions
{
    /// <summary>A program that is run when an attack begins and when it ends.</summary>
    public ScriptNotifierOptions Script { get; set; } = new();
}
