using Breakwater.Core.Incidents;
using Breakwater.Engine;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Notification;
using Breakwater.Tests.Engine.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Notification;

public sealed class NotificationServiceTests
{
    [Fact]
    public async Task Tells_every_receiver_of_incidents_and_mitigations_and_one_that_hangs_keeps_nobody_else()
    {
        var live = new LiveState();
        var store = new MemoryStore();
        using var hanging = new Receiver("hanging", hangs: true);
        using var good = new Receiver("good", hangs: false);
        using var metrics = Attacks.Metrics();
        using var service = new NotificationService(
            [hanging, good], new NotificationOptions { GroupWait = TimeSpan.Zero, MaxPerMinute = 6000 }, live, store, metrics, TimeProvider.System, NullLogger<NotificationService>.Instance);
        await service.StartAsync(default);
        var incident = Attacks.Incident();
        live.Publish(incident);
        good.Until(1);
        live.Publish(Attacks.Mitigation());
        good.Until(2);
        live.Publish(incident with { State = IncidentState.Ended });
        good.Until(3);
        Assert.Equal([NoticeKind.Opened, NoticeKind.MitigationChanged, NoticeKind.Ended], good.Kinds);
        await service.StopAsync(default).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Nobody_is_told_without_a_receiver_and_each_section_makes_its_own()
    {
        using var services = new ServiceCollection().AddSingleton(TimeProvider.System).BuildServiceProvider();
        Assert.Empty(Composition.Default.CreateNotifiers(new NotificationOptions(), services));
        var options = new NotificationOptions();
        options.Webhook.Url = "https://192.0.2.1/";
        options.Syslog.Server = "192.0.2.1";
        options.Email.Server = "192.0.2.1";
        options.Crowdsec.Url = "https://192.0.2.1/";
        var all = Composition.Default.CreateNotifiers(options, services);
        Assert.Equal(Composition.Default.Notifiers, all.Select(n => n.Name));
        foreach (var notifier in all) notifier.Dispose();
    }

    private sealed class Receiver(string name, bool hangs) : INotifier
    {
        private readonly List<NoticeKind> _kinds = [];

        public string Name => name;

        public IReadOnlyList<NoticeKind> Kinds { get { lock (_kinds) return [.. _kinds]; } }

        public async Task<Delivery> SendAsync(NoticeGroup group, CancellationToken cancellation)
        {
            if (hangs) await Task.Delay(Timeout.Infinite, cancellation);
            lock (_kinds) _kinds.AddRange(group.Notices.Select(n => n.Kind));
            return Delivery.Done;
        }

        public void Until(int count) => Assert.True(SpinWait.SpinUntil(() => Kinds.Count >= count, TimeSpan.FromSeconds(20)));

        public void Dispose()
        {
        }
    }
}
