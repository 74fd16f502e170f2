using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Mitigations.Rails;
using Breakwater.Engine.Mitigations;
using Breakwater.Tests.Core.Mitigations;
using Breakwater.Tests.Core.Mitigations.Rails;
using Breakwater.Tests.Engine.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Mitigations;

/// <summary>A service in a folder of its own, that can be killed and started again.</summary>
internal sealed class ServiceWorld : IAsyncDisposable
{
    private readonly RailOptions _rails;

    public ServiceWorld(RailOptions? rails = null, string? folder = null, IReadOnlyList<IMitigator>? mitigators = null)
    {
        _rails = rails ?? new RailOptions { NeverTouch = AnyMitigation.NeverTouch };
        Folder = folder ?? Directory.CreateTempSubdirectory("breakwater-").FullName;
        var modes = new MitigationModes { RateLimit = MitigationMode.Automatic, Drop = MitigationMode.Automatic, Divert = MitigationMode.Automatic, Blackhole = MitigationMode.Automatic };
        var book = new MitigationBook(new PolicyOptions(), _rails, AnyMitigation.Rails(_rails), new ModeTable(modes, new Dictionary<string, MitigationModes>()), _ => "default", [AnyMitigation.Scrubber]);
        var audit = new AuditLog(AuditFile, TimeProvider.System, NullLogger<AuditLog>.Instance);
        Service = new MitigationService(book, mitigators ?? [Mitigator], new SignalReader(null),
            new MitigationScribe(audit, Store, NullLogger<MitigationScribe>.Instance), Folder, TimeProvider.System, NullLogger<MitigationService>.Instance);
    }

    public string Folder { get; }
    public string AuditFile => Path.Combine(Folder, "audit.log");
    public string Journal => Path.Combine(Folder, "mitigations.journal");
    public RecordingMitigator Mitigator { get; } = new();
    public MemoryStore Store { get; } = new();
    public MitigationService Service { get; }

    /// <summary>An attack now, on 192.0.2.7.</summary>
    public static Incident Attack()
    {
        var now = Timestamp.From(TimeProvider.System.GetUtcNow());
        return new BookWorld().Attack with { Start = now, LastSeen = now, SampledPackets = 10_000 };
    }

    public static MitigationRequest Drop(string target, string person = "anna") => new(
        MitigationOrigin.Operator, person, MitigationSamples.Proposed.Match with { Destination = Breakwater.Core.Net.Prefix.Parse(target) },
        MitigationAction.Drop, TimeSpan.FromMinutes(5), "by hand");

    public async Task<ServiceWorld> StartAsync()
    {
        await Service.StartAsync(default);
        return this;
    }

    /// <summary>Waits until it holds, for what happens on other threads.</summary>
    public static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 500 && !condition(); i++) await Task.Delay(20);
        Assert.True(condition());
    }

    public async ValueTask DisposeAsync()
    {
        await Service.StopAsync(default);
        await Service.DisposeAsync();
    }
}
