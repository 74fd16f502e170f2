using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Dots;

/// <summary>What the server keeps of a client from session to session.</summary>
internal sealed class DotsClientState(DotsClientProfile profile)
{
    private double _credit = double.NaN;
    private Timestamp _creditAt;

    public DotsClientProfile Profile { get; } = profile;
    public List<DotsRequest> Requests { get; } = [];

    /// <summary>The cuid in use; a gateway brings several and has none of its own.</summary>
    public string? Cuid { get; set; }

    /// <summary>A bucket that holds a minute's messages.</summary>
    public bool MaySend(Timestamp now, int perMinute)
    {
        _credit = double.IsNaN(_credit) ? perMinute : Math.Min(perMinute, _credit + Math.Max(0, (now - _creditAt).TotalMinutes) * perMinute);
        _creditAt = now;
        if (_credit < 1) return false;
        _credit--;
        return true;
    }

    public DotsRequest? Find(string? cdid, string cuid, uint mid) => Requests.Find(r => r.Mid == mid && r.Cuid == cuid && r.Cdid == cdid);
}
