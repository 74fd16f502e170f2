using Breakwater.Core.Flows;

namespace Breakwater.Engine.Notification;

/// <summary>What waits for one receiver: bounded, folded, and let out no faster than allowed. Told the time; no locks of its own.</summary>
internal sealed class NoticeOutbox(string receiver, TimeSpan groupWait, int maxPerMinute)
{
    /// <summary>Notices that may wait; beyond, only ends of what was told are taken, up to twice as many.</summary>
    public const int Capacity = 1000;

    /// <summary>Notices in one message.</summary>
    public const int MaxPerGroup = 100;

    private readonly OrderedDictionary<(string Subject, NoticeKind Kind), (Notice Notice, Timestamp Since)> _waiting = [];
    private double _allowance = maxPerMinute;
    private Timestamp? _allowedAt;
    private long _left;

    public int Count => _waiting.Count;

    /// <summary>Takes a notice, or folds it into one that waits.</summary>
    /// <returns>False when there was no room.</returns>
    public bool Offer(Notice notice, Timestamp now)
    {
        // Who has not heard yet that it began hears at once how it is now.
        var news = notice.Kind is NoticeKind.VectorsChanged or NoticeKind.PeakGrown;
        if (news && _waiting.TryGetValue((notice.Subject, NoticeKind.Opened), out var opened))
        {
            _waiting[(notice.Subject, NoticeKind.Opened)] = (opened.Notice with { Incident = notice.Incident }, opened.Since);
            return true;
        }
        var key = (notice.Subject, notice.Kind);
        if (_waiting.TryGetValue(key, out var same))
        {
            _waiting[key] = (notice, same.Since);
            return true;
        }
        if (_waiting.Count >= (notice.Kind == NoticeKind.Ended ? 2 * Capacity : Capacity))
        {
            _left++;
            return false;
        }
        _waiting[key] = (notice, now);
        return true;
    }

    /// <summary>How long until <see cref="Take"/> gives something; null when nothing waits.</summary>
    public TimeSpan? Wait(Timestamp now)
    {
        if (_waiting.Count == 0) return null;
        var ripe = _waiting.GetAt(0).Value.Since + groupWait - now;
        var allowed = Allowance(now) >= 1 ? TimeSpan.Zero : TimeSpan.FromMinutes((1 - Allowance(now)) / maxPerMinute);
        var wait = ripe > allowed ? ripe : allowed;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>The next message, oldest notices first; call it when <see cref="Wait"/> says zero.</summary>
    public NoticeGroup Take(Timestamp now)
    {
        _allowance = Allowance(now) - 1;
        _allowedAt = now;
        var notices = _waiting.Values.Take(MaxPerGroup).Select(w => w.Notice).ToArray();
        for (var i = 0; i < notices.Length; i++) _waiting.RemoveAt(0);
        var left = _left;
        _left = 0;
        return new NoticeGroup($"{receiver}.{notices[0].Id}", notices, left);
    }

    /// <summary>A bucket of a minute's messages that fills evenly: the first few go at once.</summary>
    private double Allowance(Timestamp now) => Math.Min(maxPerMinute, _allowance + (_allowedAt is { } then && now > then ? (now - then).TotalMinutes * maxPerMinute : 0));
}
