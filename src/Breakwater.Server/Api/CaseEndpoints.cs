using System.ComponentModel;
using System.Security.Claims;
using Breakwater.Core.Cases;
using Breakwater.Core.Sharing;
using Breakwater.Engine.Cases;
using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Sharing;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Api;

/// <summary>Cases: our hosts that are infected or attack others, what their owners are told, who is in the walled garden.</summary>
/// <remarks>RFC 6561 §5 and §6. Nobody is written to and nothing is blocked from here: the texts and the list are for systems that do.</remarks>
internal static class CaseEndpoints
{
    private const int DefaultLimit = 100, MaxLimit = 1000, MaxReason = 500;

    private static readonly (CaseStep Step, string Name, string Summary)[] Steps =
    [
        (CaseStep.Notify, "notifyCase", "The subscriber was told"),
        (CaseStep.Wall, "wallCase", "Into the walled garden"),
        (CaseStep.Release, "releaseCase", "Out of the walled garden, and watched"),
        (CaseStep.Claim, "claimCase", "The subscriber says that it is cleaned: we look whether it is"),
        (CaseStep.Close, "closeCase", "Done, or an error"),
    ];

    public static void Map(RouteGroupBuilder api)
    {
        var cases = api.MapGroup("/cases").WithTags("Cases");
        cases.MapGet("", List).WithName("listCases").WithSummary("Cases, newest first").Produces<Shapes.CaseList>().ProducesValidationProblem();
        cases.MapGet("/walled-garden", Garden).WithName("getWalledGarden").WithSummary("Addresses in the walled garden, one a line")
            .Produces(StatusCodes.Status200OK, contentType: "text/plain");
        cases.MapGet("/{id}", Get).WithName("getCase").WithSummary("One case, and what happened").Produces<Shapes.Case>().ProducesProblem(StatusCodes.Status404NotFound);
        cases.MapGet("/{id}/notice", Notice).WithName("getCaseNotice").WithSummary("What the subscriber is told, in plain words")
            .Produces(StatusCodes.Status200OK, contentType: "text/plain").ProducesProblem(StatusCodes.Status404NotFound);
        var changes = cases.MapGroup("").RequireAuthorization(MitigationEndpoints.OperatorPolicy);
        foreach (var (step, name, summary) in Steps)
        {
            changes.MapPost("/{id}/" + step.Name(), (HttpContext http, [Description("Identifier of the case.")] string id, [Description("Why, for the audit log.")] string? why) => Take(http, id, step, why))
                .WithName(name).WithSummary(summary).Produces<Shapes.Case>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        }
    }

    private static IResult List(
        HttpContext http, [Description("Only this state: open, notified, walled, recheck, watching or closed.")] string? state,
        [Description("Cases at most, 1 to 1000; 100 when not given.")] string? limit)
    {
        var errors = new QueryErrors(http.Request, "state", "limit");
        var only = errors.Name<CaseState>("state", state, CaseNames.TryParseState, Enum.GetValues<CaseState>().Select(s => s.Name()));
        var most = errors.Number("limit", limit, 1, MaxLimit) ?? DefaultLimit;
        if (errors.Answer is { } wrong) return wrong;
        var found = (Service(http)?.All() ?? []).Where(c => only is null || c.State == only).Take(most).ToArray();
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteList("cases", found, CaseJson.Write);
            json.WriteEndObject();
        });
    }

    private static IResult Garden(HttpContext http) =>
        Results.Text(string.Concat((Service(http)?.All() ?? []).Where(c => c.State == CaseState.Walled).Select(c => c.Host).Distinct().Order().Select(h => $"{h}\n")), "text/plain");

    private static IResult Get(HttpContext http, [Description("Identifier of the case.")] string id) =>
        Service(http)?.Find(id) is { } found ? new JsonAnswer(json => CaseJson.Write(json, found)) : NoCase(id);

    private static IResult Notice(HttpContext http, [Description("Identifier of the case.")] string id)
    {
        if (Service(http)?.Find(id) is not { } found) return NoCase(id);
        var sharing = http.RequestServices.GetService<SharingDesk>()?.Options ?? new SharingOptions();
        return Results.Text(CaseNotice.Write(found, sharing.Organisation, sharing.Contact, sharing.Victims), "text/plain; charset=utf-8");
    }

    private static IResult Take(HttpContext http, string id, CaseStep step, string? why)
    {
        var reason = why is null ? "" : why[..Math.Min(why.Length, MaxReason)];
        var who = http.User.FindFirstValue(ClaimTypes.Name) ?? "";
        if (Service(http)?.Find(id) is not { } known) return NoCase(id);
        if (Service(http)!.Take(id, step, who, reason) is not { } changed)
            return Problems.Of(StatusCodes.Status409Conflict, $"Case '{id}' is {known.State.Name()}: that is not possible now.");
        http.RequestServices.GetService<AuditLog>()?.Write(new AuditEntry(who, $"case-{step.Name()}", id, reason));
        return new JsonAnswer(json => CaseJson.Write(json, changed));
    }

    private static CaseService? Service(HttpContext http) => http.RequestServices.GetService<CaseService>();

    private static IResult NoCase(string id) => Problems.Of(StatusCodes.Status404NotFound, $"There is no case '{id}'.");
}
