using System.Text.Json;
using Breakwater.Core.Hygiene;
using Breakwater.Engine.Hygiene;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Api;

/// <summary>The score card of resilience.</summary>
internal static class ScoreEndpoints
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/score", (ScoreKeeper keeper) => Answer(keeper.Judge())).WithTags("Hygiene").WithName("getScore")
            .WithSummary("How far the network keeps from harming others, check by check, with evidence")
            .WithDescription("'score' is the share of the known checks that pass and says nothing without 'coverage', the share of the checks of which something is known. What is unknown never counts as passed.")
            .Produces<Shapes.Score>();

    private static JsonAnswer Answer(ScoreCard card) => new(json =>
    {
        json.WriteStartObject();
        if (card.Score is { } score) json.WriteNumber("score", Math.Round(score, 3));
        else json.WriteNull("score");
        json.WriteNumber("coverage", Math.Round(card.Coverage, 3));
        json.WriteNumber("passed", card.Passed);
        json.WriteNumber("failed", card.Failed);
        json.WriteNumber("unknown", card.Unknown);
        json.WriteString("from", Rfc3339.Format(card.From));
        json.WriteString("to", Rfc3339.Format(card.To));
        json.WriteList("checks", card.Checks, Write);
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, ScoreCheck check)
    {
        json.WriteStartObject();
        json.WriteString("check", check.Id);
        json.WriteString("title", check.Title);
        json.WriteString("verdict", check.Verdict.Name());
        json.WriteNumber("passed", check.Passed);
        json.WriteNumber("failed", check.Failed);
        json.WriteNumber("unknown", check.Unknown);
        json.WriteString("because", check.Because);
        json.WriteString("method", check.Method);
        json.WriteStrings("clauses", check.Clauses);
        json.WriteObjects("evidence", check.Evidence, evidence =>
        {
            json.WriteString("kind", evidence.Kind);
            json.WriteString("id", evidence.Id);
            json.WriteString("path", evidence.Path);
        });
        json.WriteEndObject();
    }
}
