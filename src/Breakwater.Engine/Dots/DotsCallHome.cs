using System.Collections.Concurrent;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Dots;

namespace Breakwater.Engine.Dots;

/// <summary>Connections that we open so that the other end can ask us to stop sources of ours: TLS client and DOTS server in one (RFC 9066 §1, §5.1).</summary>
/// <param name="peers">Section <c>dots.call_home</c>.</param>
/// <param name="owned">Where sources may lie.</param>
public sealed class DotsCallHome(IReadOnlyDictionary<string, DotsCallHomeOptions> peers, IReadOnlyList<Prefix> owned)
{
    private readonly (DotsConnector Connector, DotsCallHomeOptions Options, DotsClientProfile Profile)[] _peers =
        [.. peers.Select(p => (new DotsConnector(p.Value), p.Value, new DotsClientProfile(p.Key, owned, new Dictionary<string, IReadOnlyList<Prefix>>(), CallHome: true)))];

    private readonly ConcurrentDictionary<DotsLink, DotsClientProfile> _profiles = [];

    /// <summary>What is to be done about what a peer names.</summary>
    internal (MitigationAction Action, double RateBitsPerSecond) ActionFor(DotsClientProfile peer) => peers.TryGetValue(peer.Name, out var options) ? (options.Action, options.RateBitsPerSecond) : default;

    /// <summary>Who is at the other end of a link of ours; null for a link that somebody else opened.</summary>
    internal DotsClientProfile? ProfileOf(DotsLink link) => _profiles.GetValueOrDefault(link);

    /// <summary>Keeps every connection up until cancelled (RFC 9066 §5.2.1).</summary>
    internal Task RunAsync(Action<DotsLinkEvent> report, TimeProvider time, CancellationToken cancellation) => Task.WhenAll(_peers.Select(async peer =>
    {
        while (!cancellation.IsCancellationRequested)
        {
            await peer.Connector.RunAsync(happened =>
            {
                if (happened.Kind == DotsLinkEventKind.Opened) _profiles[happened.Link] = peer.Profile;
                report(happened);
                if (happened.Kind == DotsLinkEventKind.Closed) _profiles.TryRemove(happened.Link, out _);
            }, cancellation).ConfigureAwait(false);
            await Task.Delay(peer.Options.Retry, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }));
}
