using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Scans;

/// <summary>The suspicious hosts that are looked at closely. Bounded: others make room for ours, and of equals the one quiet for longest.</summary>
internal sealed class SuspectList(int max)
{
    private readonly List<ScanSuspect> _suspects = [];

    public IReadOnlyList<ScanSuspect> Active => _suspects;

    /// <summary>Suspects that had to make room.</summary>
    public long Forgotten { get; private set; }

    /// <param name="number">Place plus one, as <see cref="Start"/> gave it; may have been given to somebody else since.</param>
    public ScanSuspect? Find(ushort number, in IpAddr host, ScanKind kind)
    {
        if (number == 0) return null;
        var suspect = _suspects[number - 1];
        return suspect.Kind == kind && suspect.Host == host ? suspect : null;
    }

    /// <returns>Place plus one; 0 when there is no room.</returns>
    public ushort Start(in Contact contact, ScanKind kind, out ScanSuspect? suspect)
    {
        suspect = null;
        int place;
        if (_suspects.Count < max)
        {
            place = _suspects.Count;
            _suspects.Add(suspect = new ScanSuspect());
        }
        else
        {
            place = Least();
            if (_suspects[place].IsHome && !contact.IsFromHome) return 0;
            Forgotten++;
            suspect = _suspects[place];
        }
        suspect.Begin(contact, kind);
        return (ushort)(place + 1);
    }

    private int Least()
    {
        var least = 0;
        for (var i = 1; i < _suspects.Count; i++)
        {
            var (one, other) = (_suspects[i], _suspects[least]);
            if (one.IsHome != other.IsHome ? other.IsHome : one.Last < other.Last) least = i;
        }
        return least;
    }
}
