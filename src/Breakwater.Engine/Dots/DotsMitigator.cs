using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Core.Net;
using Breakwater.Engine.Mitigations;
using Breakwater.Protocols.Dots;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Dots;

/// <summary>Asks our providers to mitigate for us: a way to stop what our own link cannot carry.</summary>
/// <remarks>RFC 9132 §4.4.1: the server is told targets, ports and protocols; how it stops the attack is its own affair.</remarks>
public sealed class DotsMitigator : IMitigator
{
    /// <summary>Its name in the composition.</summary>
    public const string PartName = "dots";

    private readonly IReadOnlyList<DotsUpstream> _upstreams;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<Task> _running = [];
    private IReadOnlyList<ClearedMitigation> _desired = [];

    /// <param name="upstreams">Section <c>dots.upstreams</c>.</param>
    /// <exception cref="InvalidDataException">A key or certificate file cannot be used.</exception>
    public DotsMitigator(IReadOnlyDictionary<string, DotsUpstreamOptions> upstreams, TimeProvider time, ILogger<DotsMitigator> logger)
    {
        _time = time;
        _upstreams = [.. upstreams.Select(u => new DotsUpstream(u.Key, u.Value, time, logger))];
        OwnAddresses = [.. upstreams.Values.Select(u => IpAddr.From(u.Address.Address)).Select(a => new Prefix(a, a.Bits))];
        foreach (var upstream in _upstreams) upstream.Asking.Changed += () => StatusChanged?.Invoke();
    }

    public event Action? StatusChanged;

    public string Name => PartName;

    public IReadOnlyList<Prefix> OwnAddresses { get; }

    public IReadOnlyList<MitigationStatus> Status
    {
        get
        {
            IReadOnlyList<ClearedMitigation> desired;
            lock (_gate) desired = _desired;
            return
            [
                .. from upstream in _upstreams
                   let wishes = upstream.Asking.Status.Wishes
                   from cleared in desired
                   let wish = wishes.FirstOrDefault(w => w.Id == cleared.Mitigation.Match.Destination!.Value.ToString() && w.State != DotsWishState.Withdrawing)
                   select DotsPlaces.Of(cleared.Mitigation, Name, $"server {upstream.Asking.Name}", wish, Timestamp.From(_time.GetUtcNow())),
            ];
        }
    }

    public string? WhyNot(Mitigation mitigation) =>
        mitigation.IsOutbound ? "it is about what our own hosts send"
        : mitigation.Match.Destination is null ? "a DOTS request names its target"
        : null;

    public Task StartAsync(CancellationToken cancellation)
    {
        foreach (var upstream in _upstreams) _running.Add(upstream.RunAsync());
        return Task.CompletedTask;
    }

    public Task ApplyAsync(IReadOnlyList<ClearedMitigation> desired, CancellationToken cancellation)
    {
        lock (_gate) _desired = desired;
        // Rules for one target become one request: requests with a common target would replace each other (RFC 9132 §4.4.1.3).
        var wishes = desired.GroupBy(c => c.Mitigation.Match.Destination!.Value).Select(target => new DotsWish(target.Key.ToString(), DotsScopes.Of([.. target.Select(c => c.Mitigation.Match)]))).ToArray();
        foreach (var upstream in _upstreams) upstream.Asking.Want(wishes);
        return Task.CompletedTask;
    }

    public Task WithdrawAllAsync(CancellationToken cancellation) => ApplyAsync([], cancellation);

    public async Task StopAsync(CancellationToken cancellation)
    {
        await ApplyAsync([.. _desired.Where(c => c.Mitigation.OnDeath == DeadMan.Keep)], cancellation).ConfigureAwait(false);
        await Task.WhenAll(_upstreams.Select(u => u.StopAsync())).ConfigureAwait(false);
        await Task.WhenAll(_running).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var upstream in _upstreams) upstream.Dispose();
        return ValueTask.CompletedTask;
    }
}
