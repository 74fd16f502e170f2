using System.Diagnostics.CodeAnalysis;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Engine.Mitigations;

namespace Breakwater.Engine.Dots;

/// <summary>The desk is the service that owns all mitigations. Called from the DOTS thread, which may wait for it; nothing else does.</summary>
public sealed class MitigationDesk(MitigationService service, MitigationOptions options) : IDotsDesk
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public TimeSpan MaxLifetime => options.Rails.MaxTtl;

    public IReadOnlyList<Refusal> DryRun(MitigationRequest request) => Ask(service.DryRunAsync(request), out var refusals, out var problem) ? refusals! : [new Refusal("unavailable", problem)];

    public Mitigation? Request(MitigationRequest request) => Ask(service.RequestAsync(request), out var mitigation, out _) ? mitigation : null;

    public Mitigation? Find(string id) => service.Find(id);

    public (long? Packets, long? Bytes) Dropped(string id)
    {
        long? packets = null, bytes = null;
        foreach (var status in service.StatusOf(id))
        {
            if (status.DroppedPackets is { } p) packets = (packets ?? 0) + p;
            if (status.DroppedBytes is { } b) bytes = (bytes ?? 0) + b;
        }
        return (packets, bytes);
    }

    public void Withdraw(string id, string who, string why) => Ask<Mitigation?>(service.WithdrawAsync(id, who, why), out _, out _);

    private static bool Ask<T>(Task<T> asked, [MaybeNull] out T answer, out string problem)
    {
        answer = default;
        problem = "mitigation does not answer";
        try
        {
            if (!asked.Wait(Patience)) return false;
            answer = asked.Result;
            return true;
        }
        catch (AggregateException e) when (e.InnerException is MitigationUnavailableException or OperationCanceledException)
        {
            problem = e.InnerException.Message;
            return false;
        }
    }
}
