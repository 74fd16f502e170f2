using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Mitigations;

/// <summary>Every log message of the room.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 6000, Level = LogLevel.Error,
        Message = "{File} cannot be written: {Problem}. Mitigations go on, but a crash now would forget them")]
    public static partial void JournalFailed(this ILogger logger, string file, string problem);

    [LoggerMessage(EventId = 6001, Level = LogLevel.Information, Message = "The journal of mitigations can be written again")]
    public static partial void JournalWorksAgain(this ILogger logger);

    [LoggerMessage(EventId = 6002, Level = LogLevel.Warning, Message = "{File} holds a line that cannot be read: left out")]
    public static partial void JournalLineDamaged(this ILogger logger, string file);

    [LoggerMessage(EventId = 6003, Level = LogLevel.Error, Message = "{File} cannot be written: {Problem}. What is done now is not in the audit log")]
    public static partial void AuditFailed(this ILogger logger, string file, string problem);

    [LoggerMessage(EventId = 6004, Level = LogLevel.Error, Message = "{File} was changed by somebody: {Problem}")]
    public static partial void AuditBroken(this ILogger logger, string file, string problem);

    [LoggerMessage(EventId = 6005, Level = LogLevel.Warning, Message = "{File} ended in half a line, which a crash left: cut off")]
    public static partial void AuditTorn(this ILogger logger, string file);

    [LoggerMessage(EventId = 6006, Level = LogLevel.Error, Message = "Mitigator {Name} failed, and is tried again")]
    public static partial void MitigatorFailed(this ILogger logger, string name, Exception problem);

    [LoggerMessage(EventId = 6007, Level = LogLevel.Information, Message = "Mitigator {Name} works again")]
    public static partial void MitigatorWorksAgain(this ILogger logger, string name);

    [LoggerMessage(EventId = 6008, Level = LogLevel.Error, Message = "Mitigator {Name} could not withdraw everything: {Problem}")]
    public static partial void WithdrawAllFailed(this ILogger logger, string name, string problem);

    [LoggerMessage(EventId = 6009, Level = LogLevel.Warning, Message = "Mitigator {Name} did not stop in time")]
    public static partial void MitigatorDidNotStop(this ILogger logger, string name);

    [LoggerMessage(EventId = 6010, Level = LogLevel.Warning,
        Message = "Another process mitigates from {Folder}: this one only watches until that one ends")]
    public static partial void LeaseTaken(this ILogger logger, string folder);

    [LoggerMessage(EventId = 6011, Level = LogLevel.Information, Message = "Mitigation {Id} is {State}: {Action} {Rule}. {Why}")]
    public static partial void MitigationChanged(this ILogger logger, string id, string state, string action, string rule, string why);

    [LoggerMessage(EventId = 6012, Level = LogLevel.Warning, Message = "{Who} withdrew all mitigations ({Count}): {Why}")]
    public static partial void AllWithdrawn(this ILogger logger, string who, int count, string why);

    [LoggerMessage(EventId = 6013, Level = LogLevel.Warning, Message = "The control socket {Path} cannot be opened: {Problem}")]
    public static partial void ControlSocketFailed(this ILogger logger, string path, string problem);

    [LoggerMessage(EventId = 6014, Level = LogLevel.Error, Message = "Mitigations cannot be stored: {Problem}. They go on, and are stored once this works again")]
    public static partial void StoreFailed(this ILogger logger, string problem);

    [LoggerMessage(EventId = 6015, Level = LogLevel.Critical, Message = "Mitigation failed: a bug. The service stops")]
    public static partial void ServiceFailed(this ILogger logger, Exception failure);
}
