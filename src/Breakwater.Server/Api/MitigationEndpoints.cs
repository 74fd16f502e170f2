using System.ComponentModel;
using System.Globalization;
using Breakwater.Core.Mitigations;
using Breakwater.Engine.Mitigations;
using Breakwater.Engine.Storage;
using Breakwater.Protocols.Json;

namespace Breakwater.Server.Api;

/// <summary>Mitigations: the list, what people may do to one, and all of them back at once. Every change must pass the guard rails.</summary>
internal static class MitigationEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;
    private const int MaxReason = 500;

    public const string OperatorPolicy = "operator";

    public static void Map(RouteGroupBuilder api)
    {
        var mitigations = api.MapGroup("/mitigations").WithTags("Mitigations");
        mitigations.MapGet("", List).WithName("listMitigations").WithSummary("Mitigations, made last first")
            .WithDescription("When the database is down, those that are in memory: all that are not over, and the newest of the others.")
            .Produces<Shapes.MitigationList>().ProducesValidationProblem();
        mitigations.MapGet("/{id}", Get).WithName("getMitigation").WithSummary("One mitigation, and where it is held")
            .Produces<Shapes.MitigationWithPlaces>().ProducesProblem(StatusCodes.Status404NotFound);

        var changes = mitigations.MapGroup("").RequireAuthorization(OperatorPolicy);
        changes.MapPost("", (Delegate)Request).WithName("requestMitigation").WithSummary("Ask for a mitigation of one's own")
            .WithDescription("201 when it is on its way or waits for approval, 422 when a guard rail refused it: 'refusedBy' and 'outcome' say which and why.")
            .Accepts<Shapes.MitigationRequest>("application/json").Produces<Shapes.MitigationLife>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        changes.MapPost("/dry-run", (Delegate)DryRun).WithName("dryRunMitigation").WithSummary("What the guard rails would say; nothing is done")
            .Accepts<Shapes.MitigationRequest>("application/json").Produces<Shapes.MitigationVerdict>().ProducesProblem(StatusCodes.Status400BadRequest);
        changes.MapPatch("/{id}", (Delegate)Edit).WithName("editMitigation").WithSummary("Change rule, action, rate, target or remaining time, within the guard rails")
            .Accepts<Shapes.MitigationRequest>("application/json").Produces<Shapes.MitigationLife>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        Step(changes, "approve", "approveMitigation", "Approve a proposal", "It begins if the guard rails let it; else 'refusedBy' says what is still missing.",
            (service, id, person, _) => service.ApproveAsync(id, person));
        Step(changes, "reject", "rejectMitigation", "Say no to a proposal", "It is not made again for the same attack.",
            (service, id, person, why) => service.RejectAsync(id, person, why));
        Step(changes, "withdraw", "withdrawMitigation", "Take one back", "It does not return by itself before its hold-down is over.",
            (service, id, person, why) => service.WithdrawAsync(id, person, why));
        changes.MapPost("/withdraw-all", (Delegate)WithdrawAll).WithName("withdrawAllMitigations").WithSummary("Take everything back at once, and pause")
            .WithDescription("Nothing begins by itself until resumed. Works without the database; 'breakwater mitigations withdraw-all' works without this API, too.")
            .Produces<Shapes.Withdrawn>();
        changes.MapPost("/resume", (Delegate)Resume).WithName("resumeMitigations").WithSummary("Let mitigations begin by themselves again").Produces(StatusCodes.Status204NoContent);
    }

    private static void Step(
        RouteGroupBuilder routes, string verb, string name, string summary, string description, Func<MitigationService, string, string, string, Task<Mitigation?>> step)
    {
        routes.MapPost("/{id}/" + verb, async (HttpContext http, [Description("Identifier of the mitigation.")] string id, [Description("Why, for the audit log.")] string? why) =>
            {
                if (Service(http) is not { } service) return Off();
                if (await step(service, id, Person(http), Reason(why)) is { } mitigation) return Answer(mitigation, StatusCodes.Status200OK);
                return service.Find(id) is { } there
                    ? Problems.Of(StatusCodes.Status409Conflict, $"Mitigation '{id}' is {there.State.Name()}: that is not possible now.")
                    : NoMitigation(id);
            })
            .WithName(name).WithSummary(summary).WithDescription(description)
            .Produces<Shapes.MitigationLife>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static IResult List(
        HttpContext http, IStore store,
        [Description("Only this state.")] string? state,
        [Description("Only those of this incident.")] string? incident,
        [Description("Mitigations on the page, 1 to 500; 50 when not given.")] string? limit,
        [Description("'next' of the page before.")] string? cursor)
    {
        var errors = new QueryErrors(http.Request, "state", "incident", "limit", "cursor");
        var query = new MitigationQuery(
            errors.Name<MitigationState>("state", state, MitigationNames.TryParseState, Enum.GetValues<MitigationState>().Select(s => s.Name())),
            incident, Limit: errors.Number("limit", limit, 1, MaxLimit) ?? DefaultLimit);
        if (cursor is not null)
        {
            if (Cursor.TryParse(cursor, out var before)) query = query with { Before = before };
            else errors.Add("cursor", "is not a cursor that this API gave");
        }
        return errors.Answer ?? Page(Service(http), store, query);
    }

    private static JsonAnswer Page(MitigationService? service, IStore store, MitigationQuery query)
    {
        // What is in memory is newer than what is stored.
        var current = (service?.All() ?? []).ToDictionary(m => m.Id);
        IEnumerable<Mitigation> stored = [];
        try
        {
            stored = store.FindMitigations(query with { Limit = query.Limit + 1 }).Where(m => !current.ContainsKey(m.Id));
        }
        catch (StoreException)
        {
            // The page that people need most in an emergency must not need the database.
        }
        var found = current.Values
            .Where(m => (query.State ?? m.State) == m.State && (query.IncidentId ?? m.IncidentId) == m.IncidentId)
            .Where(m => query.Before is not { } c || m.Created < c.Start || (m.Created == c.Start && string.CompareOrdinal(m.Id, c.Id) > 0))
            .Concat(stored).OrderByDescending(m => m.Created).ThenBy(m => m.Id, StringComparer.Ordinal).Take(query.Limit + 1).ToArray();
        var page = found.Take(query.Limit).ToArray();
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteString("pausedBy", service?.PausedBy);
            json.WriteStartArray("mitigators");
            foreach (var (name, problem) in service?.Mitigators ?? [])
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteString("problem", problem);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteList("mitigations", page, MitigationLifeJson.Write);
            json.WriteString("next", found.Length > page.Length ? Cursor.After(page[^1].Created, page[^1].Id) : null);
            json.WriteEndObject();
        });
    }

    private static IResult Get(HttpContext http, IStore store, [Description("Identifier of the mitigation.")] string id)
    {
        var service = Service(http);
        if ((service?.Find(id) ?? store.FindMitigation(id)) is not { } mitigation) return NoMitigation(id);
        var places = service?.StatusOf(id) ?? [];
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            MitigationLifeJson.WriteFields(json, mitigation);
            json.WriteList("places", places, MitigationStatusJson.Write);
            json.WriteEndObject();
        });
    }

    private static async Task<IResult> Request(HttpContext http)
    {
        if (Service(http) is not { } service) return Off();
        var (request, problem) = await Read(http);
        if (request is null) return Problems.Of(StatusCodes.Status400BadRequest, problem!);
        var mitigation = await service.RequestAsync(request);
        return Answer(mitigation, mitigation.IsOver ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status201Created);
    }

    private static async Task<IResult> DryRun(HttpContext http, IStore store)
    {
        if (Service(http) is not { } service) return Off();
        var (request, problem) = await Read(http);
        if (request is null) return Problems.Of(StatusCodes.Status400BadRequest, problem!);
        var refusals = await service.DryRunAsync(request);
        var evidence = request.IncidentId is { } id ? store.FindIncident(id)?.Evidence.Flows ?? [] : [];
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("allowed", refusals.Count == 0);
            json.WriteObjects("refusals", refusals, refusal =>
            {
                json.WriteString("rail", refusal.Rail);
                json.WriteString("reason", refusal.Reason);
            });
            json.WriteString("rule", request.Match.Describe());
            if (RuleReplay.ShareOf(evidence, request.Match) is { } share) json.WriteNumber("attackShare", share);
            else json.WriteNull("attackShare");
            json.WriteEndObject();
        });
    }

    private static async Task<IResult> Edit(HttpContext http, [Description("Identifier of the mitigation.")] string id)
    {
        if (Service(http) is not { } service) return Off();
        var (request, problem) = await Read(http);
        if (request is null) return Problems.Of(StatusCodes.Status400BadRequest, problem!);
        var targets = Options(http).Targets();
        var (mitigation, refusal) = await service.EditAsync(id, request.Requester, (before, now) => before with
        {
            Match = request.Match,
            Action = request.Action,
            RateBitsPerSecond = request.RateBitsPerSecond,
            RatePacketsPerSecond = request.RatePacketsPerSecond,
            DivertTo = request.Action == MitigationAction.Divert ? targets.FirstOrDefault(t => t.Name == (request.DivertTo ?? t.Name)) : null,
            Expires = now + request.Lifetime,
        });
        if (mitigation is null) return NoMitigation(id);
        return refusal is { } no
            ? Problems.Of(StatusCodes.Status422UnprocessableEntity, $"Nothing was changed. {no}")
            : Answer(mitigation, StatusCodes.Status200OK);
    }

    private static async Task<IResult> WithdrawAll(HttpContext http, [Description("Why, for the audit log.")] string? why)
    {
        if (Service(http) is not { } service) return Off();
        var count = await service.WithdrawAllAsync(Person(http), Reason(why));
        return new JsonAnswer(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("withdrawn", count);
            json.WriteEndObject();
        });
    }

    private static async Task<IResult> Resume(HttpContext http)
    {
        if (Service(http) is not { } service) return Off();
        await service.ResumeAsync(Person(http));
        return Results.NoContent();
    }

    private static async Task<(MitigationRequest? Request, string? Problem)> Read(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var request = MitigationRequestJson.Read(body.ToArray(), Person(http), Options(http).Policy.Ttl, out var problem);
        return (request, problem);
    }

    private static JsonAnswer Answer(Mitigation mitigation, int status) => new(json => MitigationLifeJson.Write(json, mitigation), status);

    /// <summary>Null during a replay, which is of another time.</summary>
    private static MitigationService? Service(HttpContext http) => http.RequestServices.GetService<MitigationService>();

    private static MitigationOptions Options(HttpContext http) => http.RequestServices.GetRequiredService<MitigationOptions>();

    private static string Person(HttpContext http) => http.User.Identity?.Name ?? "";

    private static string Reason(string? why) => string.IsNullOrWhiteSpace(why) ? "no reason given" : why.Length > MaxReason ? why[..MaxReason] : why;

    private static IResult Off() => Problems.Of(StatusCodes.Status503ServiceUnavailable, "This service mitigates nothing: it replays a capture.");

    private static IResult NoMitigation(string id) => Problems.Of(StatusCodes.Status404NotFound, string.Create(CultureInfo.InvariantCulture, $"There is no mitigation '{id}'."));
}
