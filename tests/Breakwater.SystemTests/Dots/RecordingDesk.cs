using System.Collections.Concurrent;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Engine.Dots;
using Breakwater.Protocols.Dots;

namespace Breakwater.SystemTests.Dots;

/// <summary>Takes what DOTS clients ask for as a policy would that says yes, and remembers it.</summary>
internal sealed class RecordingDesk : IDotsDesk, IDotsDirectory
{
    private readonly ConcurrentDictionary<string, Mitigation> _all = [];

    public TimeSpan MaxLifetime => TimeSpan.FromHours(24);

    /// <summary>A rail that says no to everything; null for none.</summary>
    public Refusal? Refusal { get; set; }

    public IReadOnlyList<Mitigation> InForce => [.. _all.Values.Where(m => !m.IsOver)];

    public IReadOnlyList<Mitigation> Withdrawn => [.. _all.Values.Where(m => m.State == MitigationState.Withdrawn)];

    public int Asked { get; private set; }

    public IReadOnlyList<Refusal> DryRun(MitigationRequest request) => Refusal is { } refusal ? [refusal] : [];

    public Mitigation? Request(MitigationRequest request)
    {
        Asked++;
        var now = Timestamp.From(DateTimeOffset.UtcNow);
        var before = _all.GetValueOrDefault(request.Key!);
        return _all[request.Key!] = new Mitigation
        {
            Id = request.Key!,
            Origin = request.Origin,
            Requester = request.Requester,
            Match = request.Match,
            Action = request.Action,
            Created = before?.Created ?? now,
            Since = before?.Since ?? now,
            Expires = now + request.Lifetime,
            Reason = request.Reason,
            State = before is { IsOver: false } ? before.State : MitigationState.Approved,
        };
    }

    public Mitigation? Find(string id) => _all.GetValueOrDefault(id);

    public (long? Packets, long? Bytes) Dropped(string id) => (1234, 567_890);

    public void Withdraw(string id, string who, string why) => _all[id] = _all[id] with { State = MitigationState.Withdrawn, Outcome = $"{who}: {why}" };

    /// <summary>The places hold everything now.</summary>
    public void Activate()
    {
        foreach (var (id, mitigation) in _all)
            if (mitigation.State == MitigationState.Approved) _all[id] = mitigation with { State = MitigationState.Active };
    }

    public DotsScope? Alias(DotsClientProfile client, string cuid, string name) => null;

    public bool Switch(DotsClientProfile client, string cuid, DotsFilterSwitch filter) => false;
}
