using System.Globalization;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Mitigations;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Reports;

/// <summary>Mitigations for a terminal, out of the API's answers.</summary>
internal static class MitigationText
{
    public static void List(TextWriter output, byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        var root = document.RootElement;
        if (root.GetProperty("pausedBy").GetString() is { } who) output.WriteLine($"PAUSED: {Words.Printable(who)} withdrew everything; nothing begins by itself until `breakwater mitigations resume`.");
        foreach (var mitigator in root.GetProperty("mitigators").EnumerateArray())
            if (mitigator.GetProperty("problem").GetString() is { } problem) output.WriteLine($"mitigator {mitigator.GetProperty("name")}: {Words.Printable(problem)}");
        Mitigation[] mitigations = [.. root.GetProperty("mitigations").EnumerateArray().Select(m => MitigationLifeJson.Read(Encoding.UTF8.GetBytes(m.GetRawText())))];
        if (mitigations.Length == 0)
        {
            output.WriteLine("No mitigations.");
            return;
        }
        output.WriteLine($"{"IDENTIFIER",-15} {"STATE",-10} {"ACTION",-10} {"EXPIRES (UTC)",-19} {"HELD BACK BY",-15} RULE");
        foreach (var m in mitigations)
            output.WriteLine($"{m.Id,-15} {m.State.Name(),-10} {m.Action.Name(),-10} {Words.Moment(m.Expires)[..19],-19} {m.RefusedBy ?? "",-15} {m.Match.Describe()}");
    }

    public static void One(TextWriter output, byte[] answer)
    {
        var m = MitigationLifeJson.Read(answer);
        output.WriteLine($"{m.Id}: {m.State.Name()}");
        output.WriteLine($"  rule      {m.Action.Name()}{Detail(m)} {m.Match.Describe()}");
        output.WriteLine($"  why       {Words.Printable(m.Reason)}");
        output.WriteLine($"  asked by  {Words.Printable(m.Requester)} ({m.Origin.Name()}){(m.Approvers.Count > 0 ? "; approved by " + Words.Printable(string.Join(", ", m.Approvers)) : "")}");
        if (m.IncidentId is { } incident) output.WriteLine($"  incident  {Words.Printable(incident)}");
        output.WriteLine($"  expires   {Words.Moment(m.Expires)}");
        if (m.RefusedBy is { } rail) output.WriteLine($"  {(m.State == MitigationState.Refused ? "refused by" : "held back by")} {rail}: {Words.Printable(m.Outcome)}");
        else if (m.Outcome.Length > 0) output.WriteLine($"  outcome   {Words.Printable(m.Outcome)}");
        if (m.AttackShare is { } share) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  expected  {100 * share:0.#} % of the attack, {(m.CollateralShare is { } c ? $"{100 * c:0.#} %" : "unknown share")} of the ordinary traffic"));
        if (m.Effect is { } effect)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  measured  {(effect.Helped ? "helped" : "did not help")}: {effect.PacketsPerSecondBefore:0} packets/s before, {effect.PacketsPerSecondAfter ?? 0:0} after; answers {effect.AnswersPerSecondBefore:0} before, {effect.AnswersPerSecondAfter:0} after"));
        using var document = JsonDocument.Parse(answer);
        if (!document.RootElement.TryGetProperty("places", out var places)) return;
        foreach (var place in places.EnumerateArray())
        {
            output.WriteLine($"  {place.GetProperty("mitigator")}, {Words.Printable(place.GetProperty("place").GetString()!)}: {place.GetProperty("state")}{(place.GetProperty("seenIn").GetString() is { } table ? $" in {Words.Printable(table)}" : "")}{(place.GetProperty("problem").GetString() is { } p ? " (" + Words.Printable(p) + ")" : "")}");
            if (place.GetProperty("note").GetString() is { } note) output.WriteLine($"    note: {Words.Printable(note)}");
        }
    }

    public static void Verdict(TextWriter output, byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        var root = document.RootElement;
        output.WriteLine($"{root.GetProperty("rule").GetString()}: {(root.GetProperty("allowed").GetBoolean() ? "allowed" : "refused")}");
        foreach (var refusal in root.GetProperty("refusals").EnumerateArray())
            output.WriteLine($"  {refusal.GetProperty("rail")}: {Words.Printable(refusal.GetProperty("reason").GetString()!)}");
        if (root.GetProperty("attackShare") is { ValueKind: JsonValueKind.Number } share)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  would match {100 * share.GetDouble():0.#} % of the incident's evidence"));
    }

    private static string Detail(Mitigation m) =>
        m.RateBitsPerSecond is { } bits ? $" to {Quantities.BitRate(bits)}" : m.RatePacketsPerSecond is { } packets ? $" to {Quantities.PacketRate(packets)}"
        : m.DivertTo is { } target ? $" to {Words.Printable(target.Name)}:" : "";
}
