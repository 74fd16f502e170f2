using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Persistence;

/// <summary>Knows when nobody gets out: what several hosts try in vain at once says something of the uplink, not of them.</summary>
internal sealed class UplinkWatch
{
    /// <summary>Tries before it is judged, and the share of failures from which the way out counts as gone.</summary>
    private const int MinTries = 10;
    private const double Gone = 0.95;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private Timestamp _until = Timestamp.Min;
    private IpAddr _host;
    private bool _several;
    private int _failed, _answered;
    private bool _wasDown;

    public bool IsDown => _wasDown || IsDownNow;

    private bool IsDownNow => _several && _failed + _answered >= MinTries && _failed >= Gone * (_failed + _answered);

    public void Tell(in IpAddr host, bool answered, Timestamp now)
    {
        if (now >= _until)
        {
            _wasDown = IsDownNow;
            (_until, _host, _several, _failed, _answered) = (now + Window, host, false, 0, 0);
        }
        if (host != _host) _several = true;
        if (answered) _answered++;
        else _failed++;
    }
}
