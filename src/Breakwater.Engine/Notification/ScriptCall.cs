using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Incidents;
using Breakwater.Protocols.FastNetMon;

namespace Breakwater.Engine.Notification;

/// <summary>One run of the script: its arguments, and what it reads on standard input.</summary>
/// <param name="IncidentId">Runs for the same incident follow one another.</param>
internal sealed record ScriptCall(string IncidentId, IReadOnlyList<string> Arguments, string Input)
{
    /// <summary>The call for an incident; null for one that a script of FastNetMon's kind has no words for.</summary>
    public static ScriptCall? For(Incident incident, bool begins, ScriptFormat format) => FastNetMonAttack.Of(incident) is not { } attack ? null : format switch
    {
        ScriptFormat.FastnetmonJson => new ScriptCall(incident.Id, attack.Subject.IsHost ? [Action(begins), attack.Address] : [], Json(attack, begins)),
        _ => new ScriptCall(
            incident.Id,
            [attack.Address, attack.Direction, attack.PacketsPerSecond.ToString(CultureInfo.InvariantCulture), Action(begins)],
            begins ? FastNetMonText.Write(attack) : ""),
    };

    private static string Action(bool begins) => begins ? "ban" : "unban";

    private static string Json(FastNetMonAttack attack, bool begins)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output)) FastNetMonJson.Write(json, attack, begins);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
