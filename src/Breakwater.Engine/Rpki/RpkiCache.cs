using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Rpki;
using Breakwater.Protocols.Rtr;

namespace Breakwater.Engine.Rpki;

/// <summary>What the validating cache says of routes: asked by whoever announces, from any thread.</summary>
public sealed class RpkiCache
{
    private readonly Lock _lock = new();
    private readonly RtrSession _session;

    /// <param name="options">Section <c>rpki</c>, with a cache.</param>
    /// <param name="announced">Prefixes of ours that are announced.</param>
    /// <param name="origins">AS numbers that announce them.</param>
    public RpkiCache(RpkiOptions options, IReadOnlyList<Prefix> announced, IReadOnlyList<uint> origins)
    {
        Place = options.Cache?.ToString() ?? "";
        Announced = announced;
        Origins = origins;
        _session = new RtrSession(new RtrSessionOptions(options.MaxRoas, options.Refresh, options.Retry, options.Expire));
    }

    /// <summary>Where the cache is.</summary>
    public string Place { get; }

    public IReadOnlyList<Prefix> Announced { get; }

    public IReadOnlyList<uint> Origins { get; }

    /// <summary>What the ROAs say of a route; null without data.</summary>
    public RouteOrigin? Validate(Prefix route, uint origin) => Use(s => s.HasData ? s.Table.Validate(route, origin) : null);

    /// <summary>What the ROAs say of our own prefixes: of several origins the best verdict. Null without data, or when nobody said which AS announces them.</summary>
    public IReadOnlyList<RouteOrigin>? Own() => Origins.Count == 0 ? null
        : Use(s => !s.HasData ? null : (IReadOnlyList<RouteOrigin>)[.. Announced.Select(p => Origins.Select(o => s.Table.Validate(p, o)).OrderBy(r => r.Validity == OriginValidity.Valid ? 0 : 1).First())]);

    public RpkiStanding Standing() => Use(s => new RpkiStanding(s.State, s.HasData, s.Version, s.Serial, s.Table.Count, s.UpdatedAt, s.Problem, s.Updates, s.Resets, s.Errors));

    internal T Use<T>(Func<RtrSession, T> use)
    {
        lock (_lock) return use(_session);
    }
}

/// <param name="State">Of the session.</param>
/// <param name="HasData">True while there is data that has not expired.</param>
/// <param name="Version">Of the protocol, 0 or 1.</param>
/// <param name="Serial">Of the data; null without.</param>
/// <param name="Roas">Payloads held.</param>
/// <param name="UpdatedAt">Time of the last whole answer.</param>
/// <param name="Problem">What went wrong last; null since all is well.</param>
/// <param name="Updates">Answers taken.</param>
/// <param name="Resets">Times the cache could not say what changed.</param>
/// <param name="Errors">Errors of either side.</param>
public sealed record RpkiStanding(RtrState State, bool HasData, byte Version, uint? Serial, int Roas, Timestamp UpdatedAt, string? Problem, long Updates, long Resets, long Errors);
