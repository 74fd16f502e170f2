using System.Globalization;
using System.Text;
using Breakwater.Core.Flows;
using Breakwater.Core.Rpki;

namespace Breakwater.Protocols.Rtr;

/// <summary>How far a session with a cache has come.</summary>
public enum RtrState : byte
{
    /// <summary>No connection.</summary>
    Down,

    /// <summary>A query is on its way.</summary>
    Querying,

    /// <summary>The cache answers with data.</summary>
    Loading,

    /// <summary>Up to date until the next query, or the cache has nothing yet.</summary>
    Waiting,
}

/// <summary>What bounds a session, and what overrides the cache's own times.</summary>
/// <param name="MaxRoas">Payloads held at most; a cache with more is refused.</param>
/// <param name="Refresh">Null for what the cache says.</param>
/// <param name="Retry">Null for what the cache says.</param>
/// <param name="Expire">Never longer than the cache says; null for that.</param>
public sealed record RtrSessionOptions(int MaxRoas, TimeSpan? Refresh = null, TimeSpan? Retry = null, TimeSpan? Expire = null);

/// <summary>The router's side of the RPKI-to-Router protocol: bytes in, bytes out, and a table of payloads. Told the time; does no I/O.</summary>
/// <remarks>
/// RFC 8210, falling back to version 0 (RFC 6810) where the cache knows nothing newer. What an answer brings counts when it is whole: until then, and
/// after a connection is lost, the former data is used until it expires. Router keys are read and passed over: nothing here verifies BGPsec.
/// </remarks>
public sealed class RtrSession(RtrSessionOptions options)
{
    /// <summary>A cache that falls silent in the middle of an answer for this long is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const byte Newest = 1;

    private readonly List<byte[]> _output = [];
    private readonly List<(bool Announces, Vrp Vrp)> _changes = [];
    private RtrIntervals _intervals = RtrIntervals.Default;
    private RoaTable? _whole;
    private ushort? _sessionId;
    private bool _negotiated;
    private bool _asksForAll = true;
    private Timestamp _answerBy = Timestamp.Max;
    private Timestamp _queryAt = Timestamp.Max;
    private Timestamp _expiresAt = Timestamp.Max;

    public RtrState State { get; private set; }

    /// <summary>Version spoken, or tried next.</summary>
    public byte Version { get; private set; } = Newest;

    /// <summary>Serial number of the data; null without data.</summary>
    public uint? Serial { get; private set; }

    /// <summary>What the cache said last as a whole; empty when it has expired.</summary>
    public RoaTable Table { get; private set; } = new();

    /// <summary>True while there is data that has not expired.</summary>
    public bool HasData => Serial is not null;

    /// <summary>Time of the last whole answer; <see cref="Timestamp.Min"/> before the first.</summary>
    public Timestamp UpdatedAt { get; private set; } = Timestamp.Min;

    /// <summary>When a connection is to be opened, while there is none.</summary>
    public Timestamp ConnectAt { get; private set; } = Timestamp.Min;

    /// <summary>The connection is to be closed once <see cref="TakeOutput"/> is sent.</summary>
    public bool MustClose { get; private set; }

    /// <summary>What went wrong last; null since all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>Answers taken, of changes or of everything.</summary>
    public long Updates { get; private set; }

    /// <summary>Times that the cache could not say what changed, so that everything was asked for.</summary>
    public long Resets { get; private set; }

    /// <summary>PDUs that could not be taken, and reports of the cache that it could not take ours.</summary>
    public long Errors { get; private set; }

    /// <summary>Bytes to send, once.</summary>
    public byte[] TakeOutput()
    {
        var all = _output.SelectMany(pdu => pdu).ToArray();
        _output.Clear();
        return all;
    }

    /// <summary>The connection is there.</summary>
    public void Connected(Timestamp now)
    {
        MustClose = false;
        _negotiated = false;
        Query(now);
    }

    /// <summary>The connection could not be made.</summary>
    public void Refused(string why, Timestamp now) => Down(why, now + Retry);

    /// <summary>The connection is gone, by whichever side.</summary>
    public void Disconnected(string why, Timestamp now)
    {
        if (State == RtrState.Down) return;
        // §7: a cache that knows only one version may hang up on the other without a word.
        if (!_negotiated) SpeakOther();
        Down(why, now + Retry);
    }

    /// <summary>Lets time pass: asks anew, gives up waiting, lets data expire.</summary>
    public void Tick(Timestamp now)
    {
        // §6: MUST NOT retain the data past the time.
        if (HasData && now >= _expiresAt) Forget("the data has expired");
        if (State is RtrState.Querying or RtrState.Loading && now >= _answerBy) Close(string.Create(CultureInfo.InvariantCulture, $"no answer in {Patience.TotalSeconds} s"), now + Retry);
        if (State == RtrState.Waiting && now >= _queryAt) Query(now);
    }

    /// <summary>Takes what arrived.</summary>
    /// <param name="stream">Everything not yet consumed.</param>
    /// <returns>Octets consumed; the rest is the beginning of a PDU.</returns>
    public int Take(ReadOnlySpan<byte> stream, Timestamp now)
    {
        var consumed = 0;
        while (!MustClose && State != RtrState.Down)
        {
            var framing = RtrDecoder.Frame(stream[consumed..], out var length);
            if (framing == DecodeError.Truncated) break;
            if (framing != DecodeError.None)
            {
                Refuse(RtrError.CorruptData, stream[consumed..], "the length cannot be", now);
                break;
            }
            var octets = stream.Slice(consumed, length);
            consumed += length;
            Take(octets, RtrDecoder.Decode(octets, out var pdu), pdu, now);
        }
        // It speaks: that is what patience is for.
        if (consumed > 0 && _answerBy != Timestamp.Max) _answerBy = now + Patience;
        return consumed;
    }

    private TimeSpan Retry => options.Retry ?? _intervals.Retry;

    private void Take(ReadOnlySpan<byte> octets, DecodeError error, in RtrPdu pdu, Timestamp now)
    {
        // §7: whatever its version, it says nothing new while versions are being agreed on.
        if (!_negotiated && pdu.Type == RtrPduType.SerialNotify) return;
        if (pdu.Type == RtrPduType.ErrorReport)
        {
            Reported(error, pdu, now);
            return;
        }
        if (pdu.Version != Version && !Downgrade(octets, pdu, now)) return;
        _negotiated = true;
        if (error != DecodeError.None)
        {
            Refuse(error == DecodeError.InvalidSet ? RtrError.UnsupportedType : RtrError.CorruptData, octets, error.Name(), now);
            return;
        }
        switch (pdu.Type)
        {
            case RtrPduType.SerialNotify: Notified(octets, pdu, now); break;
            case RtrPduType.CacheResponse when State == RtrState.Querying: Begin(octets, pdu, now); break;
            case RtrPduType.Ipv4Prefix or RtrPduType.Ipv6Prefix when State == RtrState.Loading: Load(octets, pdu, now); break;
            case RtrPduType.RouterKey when State == RtrState.Loading: break;
            case RtrPduType.EndOfData when State == RtrState.Loading: End(octets, pdu, now); break;
            case RtrPduType.CacheReset when State == RtrState.Querying && !_asksForAll:
                Resets++;
                _asksForAll = true;
                Query(now);
                break;
            default:
                Refuse(RtrError.CorruptData, octets, $"{pdu.Type} has no place here", now);
                break;
        }
    }

    /// <summary>§5.2: the cache has something new.</summary>
    private void Notified(ReadOnlySpan<byte> octets, in RtrPdu pdu, Timestamp now)
    {
        if (State != RtrState.Waiting) return;
        if (HasData && pdu.SessionId != _sessionId) Mismatch(octets, now);
        else if (pdu.Serial != Serial) Query(now);
    }

    private void Begin(ReadOnlySpan<byte> octets, in RtrPdu pdu, Timestamp now)
    {
        if (!_asksForAll && pdu.SessionId != _sessionId)
        {
            Mismatch(octets, now);
            return;
        }
        _sessionId = pdu.SessionId;
        _changes.Clear();
        _whole = _asksForAll ? new RoaTable() : null;
        State = RtrState.Loading;
    }

    private void Load(ReadOnlySpan<byte> octets, in RtrPdu pdu, Timestamp now)
    {
        if (_whole is null) _changes.Add((pdu.Announces, pdu.Vrp));
        else if (!pdu.Announces) Refuse(RtrError.WithdrawalOfUnknownRecord, octets, "nothing was announced yet", now);
        else if (!_whole.Add(pdu.Vrp)) Refuse(RtrError.DuplicateAnnouncement, octets, pdu.Vrp.ToString(), now);
        // A withdrawal makes room, but not before the end: a cache may not make us hold twice as much.
        if ((_whole?.Count ?? _changes.Count) > options.MaxRoas) Refuse(RtrError.InternalError, default, string.Create(CultureInfo.InvariantCulture, $"more than {options.MaxRoas} payloads"), now);
    }

    private void End(ReadOnlySpan<byte> octets, in RtrPdu pdu, Timestamp now)
    {
        if (pdu.SessionId != _sessionId)
        {
            Mismatch(octets, now);
            return;
        }
        if (_whole is not null) Table = _whole;
        else if (!Apply(now)) return;
        _whole = null;
        _changes.Clear();
        _changes.TrimExcess();
        Serial = pdu.Serial;
        _intervals = pdu.Intervals.Allowed();
        _asksForAll = false;
        _answerBy = Timestamp.Max;
        _queryAt = now + (options.Refresh ?? _intervals.Refresh);
        _expiresAt = now + (options.Expire is { } expire && expire < _intervals.Expire ? expire : _intervals.Expire);
        UpdatedAt = now;
        Updates++;
        Problem = null;
        State = RtrState.Waiting;
    }

    /// <summary>Makes all the changes, or none.</summary>
    private bool Apply(Timestamp now)
    {
        for (var i = 0; i < _changes.Count; i++)
        {
            var (announces, vrp) = _changes[i];
            if ((announces ? Table.Add(vrp) : Table.Remove(vrp)) && Table.Count <= options.MaxRoas) continue;
            var tooMany = Table.Count > options.MaxRoas;
            for (var done = tooMany ? i : i - 1; done >= 0; done--)
            {
                if (_changes[done].Announces) Table.Remove(_changes[done].Vrp);
                else Table.Add(_changes[done].Vrp);
            }
            if (tooMany) Refuse(RtrError.InternalError, default, string.Create(CultureInfo.InvariantCulture, $"more than {options.MaxRoas} payloads"), now);
            else Refuse(announces ? RtrError.DuplicateAnnouncement : RtrError.WithdrawalOfUnknownRecord, RtrEncoder.Prefix(Version, announces, vrp), vrp.ToString(), now);
            return false;
        }
        return true;
    }

    /// <summary>§12: what the cache could not do or did not like.</summary>
    private void Reported(DecodeError error, in RtrPdu pdu, Timestamp now)
    {
        Errors++;
        var said = error == DecodeError.None ? $"the cache reports {Words(pdu.Error)}{Quoted(pdu.Text)}" : "the cache reports an error that cannot be read";
        var old = !_negotiated && Version == Newest && (pdu.Version == 0 || (error == DecodeError.None && pdu.Error == RtrError.UnsupportedVersion));
        if (old)
        {
            SpeakOther();
            // §6: a mismatch of versions need not wait.
            Close(said, now);
        }
        else if (error == DecodeError.None && pdu.Error == RtrError.NoDataAvailable && State == RtrState.Querying && pdu.Version == Version)
        {
            // §8.4: asked again in a while, for everything; what is held is used until it expires.
            _negotiated = true;
            _asksForAll = true;
            _answerBy = Timestamp.Max;
            _queryAt = now + Retry;
            Problem = said;
            State = RtrState.Waiting;
        }
        else
        {
            _asksForAll = true;
            Close(said, now + Retry);
        }
    }

    /// <summary>§7: before anything is agreed on, an answer of version 0 to our question means that this is what the cache can do.</summary>
    /// <returns>True when the PDU can be taken.</returns>
    private bool Downgrade(ReadOnlySpan<byte> octets, in RtrPdu pdu, Timestamp now)
    {
        if (_negotiated)
        {
            Refuse(RtrError.UnexpectedVersion, octets, $"version {pdu.Version} after {Version}", now);
            return false;
        }
        if (pdu.Version > Newest)
        {
            Refuse(RtrError.UnsupportedVersion, octets, $"version {pdu.Version}", now);
            return false;
        }
        var askedForAll = _asksForAll;
        SpeakOther();
        if (askedForAll) return true;
        // §5.1: numbers of one version mean nothing in the other. Asked for everything, on another connection.
        Close($"the cache speaks version {Version}", now);
        return false;
    }

    /// <summary>§5.1: the session is another: all that was learned in it is to be forgotten.</summary>
    private void Mismatch(ReadOnlySpan<byte> octets, Timestamp now)
    {
        Forget(null);
        Refuse(RtrError.CorruptData, octets, "another session", now);
    }

    private void Query(Timestamp now)
    {
        if (!HasData || _sessionId is null) _asksForAll = true;
        _output.Add(_asksForAll ? RtrEncoder.ResetQuery(Version) : RtrEncoder.SerialQuery(Version, _sessionId!.Value, Serial!.Value));
        _answerBy = now + Patience;
        _queryAt = Timestamp.Max;
        State = RtrState.Querying;
    }

    private void Refuse(RtrError error, ReadOnlySpan<byte> about, string why, Timestamp now)
    {
        Errors++;
        _output.Add(RtrEncoder.ErrorReport(Version, error, about, why));
        _asksForAll = true;
        Close($"{Words(error)} from the cache: {why}", now + Retry);
    }

    private void Close(string why, Timestamp connectAt)
    {
        MustClose = true;
        Down(why, connectAt);
    }

    private void Down(string why, Timestamp connectAt)
    {
        State = RtrState.Down;
        Problem = why;
        ConnectAt = connectAt;
        _whole = null;
        _changes.Clear();
        _answerBy = _queryAt = Timestamp.Max;
    }

    private void Forget(string? why)
    {
        Table = new RoaTable();
        Serial = null;
        _sessionId = null;
        _asksForAll = true;
        _expiresAt = Timestamp.Max;
        if (why is not null) Problem = Problem is null ? why : $"{why}; {Problem}";
    }

    private void SpeakOther()
    {
        Version = (byte)(Newest - Version);
        _asksForAll = true;
    }

    private static string Words(RtrError error) => error switch
    {
        RtrError.CorruptData => "corrupt data",
        RtrError.InternalError => "an internal error",
        RtrError.NoDataAvailable => "that it has no data yet",
        RtrError.InvalidRequest => "an invalid request",
        RtrError.UnsupportedVersion => "an unsupported version",
        RtrError.UnsupportedType => "an unsupported type",
        RtrError.WithdrawalOfUnknownRecord => "a withdrawal of something unknown",
        RtrError.DuplicateAnnouncement => "a second announcement of the same",
        RtrError.UnexpectedVersion => "an unexpected version",
        _ => string.Create(CultureInfo.InvariantCulture, $"error {(ushort)error}"),
    };

    private static string Quoted(ReadOnlySpan<byte> text)
    {
        const int Most = 200;
        return text.IsEmpty ? "" : $": '{Encoding.UTF8.GetString(text[..Math.Min(text.Length, Most)])}'";
    }
}
