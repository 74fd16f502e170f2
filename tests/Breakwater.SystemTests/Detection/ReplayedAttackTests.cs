using Breakwater.SystemTests.Support;
using Xunit.Abstractions;

namespace Breakwater.SystemTests.Detection;

/// <summary>Real attacks, replayed on a wire at their own pace, seen by real exporters, named by the service.</summary>
public class ReplayedAttackTests(ITestOutputHelper output)
{
    /// <summary>NetFlow v9 and IPFIX by softflowd, sFlow by pmacctd; every packet, and one in a hundred.</summary>
    private static readonly (string Protocol, int Sampling)[] Views =
        [("netflow9", 1), ("netflow9", 100), ("ipfix", 1), ("ipfix", 100), ("sflow5", 1), ("sflow5", 100)];

    public static TheoryData<string> Files => [.. AttackCapture.All.Select(c => c.File)];

    [NeedsTheory(Needs.Root, "ip", "softflowd", "pmacctd", "tcpreplay", Needs.Captures), MemberData(nameof(Files))]
    public async Task Is_named_from_netflow_ipfix_and_sflow_sampled_and_not(string file)
    {
        var capture = AttackCapture.Named(file);
        using var network = new NetworkNamespace();
        using var folder = new TemporaryFolder();
        var views = new List<View>();
        try
        {
            // One service per view: each must find the attack from what its exporter alone tells.
            views.AddRange(await Task.WhenAll(Views.Select(v => View.Start(capture, network, folder, v.Protocol, v.Sampling))));
            await Poll.Until("every exporter listens on the wire", () => Task.FromResult(views[0].ListenersOnTheWire() >= views.Count), TimeSpan.FromSeconds(30));

            await Command.Run(network.Wrap(["tcpreplay", "-q", "-i", NetworkNamespace.ReplayIn, $"--loop={capture.Intensity}", $"--multiplier={capture.Intensity}", capture.Path]), TimeSpan.FromSeconds(120));

            foreach (var view in views)
            {
                var incident = await view.Finds(capture);
                output.WriteLine($"{view.Name}: {incident}");
                if (view.Sampling == 1) Assert.Equal(0, incident.RelativeError);
                else Assert.InRange(incident.RelativeError, 1e-3, 1);
            }
        }
        finally
        {
            foreach (var view in views) view.Dispose();
        }
    }

    /// <summary>One exporter and the service that listens to it.</summary>
    private sealed class View : IDisposable
    {
        private readonly TemporaryFolder _data = new();
        private Service? _service;
        private Command? _exporter;

        private View(string protocol, int sampling) => (Name, Sampling) = ($"{protocol} 1:{sampling}", sampling);

        public string Name { get; }

        public int Sampling { get; }

        public static async Task<View> Start(AttackCapture capture, NetworkNamespace network, TemporaryFolder folder, string protocol, int sampling)
        {
            var view = new View(protocol, sampling);
            try
            {
                var receiver = $"{network.Here}:{FreePort.Udp()}";
                view._service = await Service.Start(new ServiceSettings { Folder = view._data, Home = [capture.Home], Listen = [receiver] });
                view._exporter = protocol == "sflow5"
                    ? Pmacctd.WatchAsSflow(network, folder, sampling, receiver)
                    : Softflowd.Watch(network, folder, protocol == "ipfix" ? 10 : 9, sampling, receiver);
                return view;
            }
            catch
            {
                view.Dispose();
                throw;
            }
        }

        /// <summary>Packet sockets open in the namespace that the exporter runs in.</summary>
        public int ListenersOnTheWire() =>
            _exporter!.HasExited ? throw new InvalidOperationException($"{Name}: the exporter ended: {_exporter.Output}")
            // The first line is the heading.
            : File.ReadLines($"/proc/{_exporter.Id}/net/packet").Count() - 1;

        public async Task<IncidentView> Finds(AttackCapture capture)
        {
            IReadOnlyList<IncidentView> seen = [];
            return await Poll.Until($"{Name}: {string.Join(" or ", capture.Vectors)} on {capture.Victim}", async () =>
            {
                seen = await _service!.Incidents();
                return seen.FirstOrDefault(capture.IsToldBy);
            }, TimeSpan.FromSeconds(30), () => string.Join('\n', seen) + "\n" + _service!.Output + _exporter!.Output);
        }

        public void Dispose()
        {
            _exporter?.Dispose();
            _service?.Dispose();
            _data.Dispose();
        }
    }
}
