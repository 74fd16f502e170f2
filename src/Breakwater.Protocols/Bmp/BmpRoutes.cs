using Breakwater.Protocols.Bgp;

namespace Breakwater.Protocols.Bmp;

/// <summary>What a router shows over BMP of the routes that one session of ours gave it, in each of its tables.</summary>
/// <remarks>
/// Of a table with a million routes only those are kept that we announce: as many as we asked the router to hold. The nearest
/// table to what the router does counts: what it uses before what its policy let in, and that before what it was sent.
/// </remarks>
public sealed class BmpRoutes
{
    private readonly Dictionary<BmpView, Table> _tables = [];

    /// <summary>Takes up routes that came or went.</summary>
    /// <param name="update">What could be read of it; routes with malformed attributes count as gone (RFC 7606 §2).</param>
    /// <param name="isOurs">Whether we announce a route at present.</param>
    /// <returns>True when something is shown otherwise than before.</returns>
    public bool Take(BmpView view, DecodedUpdate update, Func<BgpNlri, bool> isOurs)
    {
        if (view == BmpView.AdjRibOut) return false;
        if (!_tables.TryGetValue(view, out var table)) _tables[view] = table = new Table();
        var changed = update.Update.EndOfRib is { } complete && table.Show(complete);
        foreach (var route in update.Update.Withdrawn.Concat(update.Update.Unreach?.Routes ?? [])) changed |= table.Routes.Remove(route);
        foreach (var route in update.Update.Announced.Concat(update.Update.Reach?.Routes ?? []))
        {
            changed |= table.Show(route.Family);
            if (update.Reaction == UpdateReaction.TreatAsWithdraw) changed |= table.Routes.Remove(route);
            else if (isOurs(route)) changed |= table.Put(route, update.Update.Attributes);
        }
        return changed;
    }

    /// <summary>Forgets routes that we no longer announce, where the router has not said that they are gone.</summary>
    public void Keep(Func<BgpNlri, bool> isOurs)
    {
        foreach (var table in _tables.Values)
            foreach (var route in table.Routes.Keys)
                if (!isOurs(route)) table.Routes.Remove(route);
    }

    /// <summary>Routes kept, over all tables.</summary>
    public int Count => _tables.Values.Sum(t => t.Routes.Count);

    /// <summary>The session is gone, and with it what it gave the router.</summary>
    public void EndSession()
    {
        _tables.Remove(BmpView.AdjRibIn);
        _tables.Remove(BmpView.AdjRibInPostPolicy);
    }

    /// <summary>The router tells nothing more of its own table.</summary>
    public void EndLocRib() => _tables.Remove(BmpView.LocRib);

    /// <summary>The router tells nothing more.</summary>
    public void Clear() => _tables.Clear();

    /// <summary>The nearest table to what the router does that it shows for a family; null when it shows none.</summary>
    public BmpView? ViewOf(BgpFamily family)
    {
        foreach (var view in (ReadOnlySpan<BmpView>)[BmpView.LocRib, BmpView.AdjRibInPostPolicy, BmpView.AdjRibIn])
            if (_tables.TryGetValue(view, out var table) && table.Shows(family)) return view;
        return null;
    }

    /// <summary>True when that table holds the route, with all actions that it is announced with.</summary>
    public bool Holds(BgpNlri route, PathAttributes announced) =>
        ViewOf(route.Family) is { } view && _tables[view].Routes.TryGetValue(route, out var held)
        && announced.ExtendedCommunities.All(held.ExtendedCommunities.Contains) && announced.Ipv6ExtendedCommunities.All(held.Ipv6ExtendedCommunities.Contains);

    private sealed class Table
    {
        /// <summary>Families that we announce in; others would be kept for nothing.</summary>
        private static readonly BgpFamily[] Known = [BgpFamily.Ipv4Unicast, BgpFamily.Ipv6Unicast, BgpFamily.Ipv4FlowSpec, BgpFamily.Ipv6FlowSpec];

        private readonly HashSet<BgpFamily> _shown = [];

        public Dictionary<BgpNlri, PathAttributes> Routes { get; } = [];

        public bool Shows(BgpFamily family) => _shown.Contains(family);

        public bool Show(BgpFamily family) => Known.Contains(family) && _shown.Add(family);

        public bool Put(BgpNlri route, PathAttributes attributes)
        {
            var known = Routes.TryGetValue(route, out var before) && before.ExtendedCommunities.SequenceEqual(attributes.ExtendedCommunities)
                && before.Ipv6ExtendedCommunities.SequenceEqual(attributes.Ipv6ExtendedCommunities);
            Routes[route] = attributes;
            return !known;
        }
    }
}
