using Breakwater.Core.Flows;
using Breakwater.Core.Net;
using Breakwater.Core.Rpki;
using Breakwater.Protocols.Rtr;
using FsCheck;
using FsCheck.Fluent;

namespace Breakwater.Tests.Protocols.Rtr;

public class RtrSessionTests
{
    private static readonly Vrp A = RtrSamples.Four;
    private static readonly Vrp B = RtrSamples.Six;
    private static readonly Vrp C = new(Prefix.Parse("192.0.2.0/24"), 24, 64501);

    private readonly RtrSession _session = new(new RtrSessionOptions(1_000));
    private Timestamp _now = Timestamp.FromUnixSeconds(1_700_000_000);

    [Fact]
    public void Asks_for_everything_first_and_for_changes_afterwards()
    {
        Load();
        Assert.Equal((RtrState.Waiting, 2, 7u, null), (_session.State, _session.Table.Count, _session.Serial, _session.Problem));

        Pass(TimeSpan.FromMinutes(59));
        Assert.Empty(_session.TakeOutput());
        Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(RtrEncoder.SerialQuery(1, 5, 7), _session.TakeOutput());

        Take(RtrEncoder.CacheResponse(1, 5), RtrEncoder.Prefix(1, false, A), RtrEncoder.Prefix(1, true, C), RtrEncoder.EndOfData(1, 5, 8, RtrSamples.Intervals));
        Assert.Equal((OriginValidity.NotFound, OriginValidity.Valid, 8u), (Of(A), Of(C), _session.Serial));
    }

    [Fact]
    public void Asks_at_once_when_the_cache_says_that_there_is_news()
    {
        Load();
        Take(RtrEncoder.SerialNotify(1, 5, 7));
        Assert.Empty(_session.TakeOutput());
        Take(RtrEncoder.SerialNotify(1, 5, 8));
        Assert.Equal(RtrEncoder.SerialQuery(1, 5, 7), _session.TakeOutput());
    }

    [Fact]
    public void Reads_everything_anew_when_the_cache_cannot_say_what_changed_and_uses_the_old_meanwhile()
    {
        Load();
        Take(RtrEncoder.SerialNotify(1, 5, 99));
        _session.TakeOutput();
        Take(RtrEncoder.CacheReset(1));
        Assert.Equal(RtrEncoder.ResetQuery(1), _session.TakeOutput());
        Take(RtrEncoder.CacheResponse(1, 5), RtrEncoder.Prefix(1, true, C));
        Assert.Equal(OriginValidity.Valid, Of(A));
        Take(RtrEncoder.EndOfData(1, 5, 99, RtrSamples.Intervals));
        Assert.Equal((OriginValidity.NotFound, OriginValidity.Valid, 1L), (Of(A), Of(C), _session.Resets));
    }

    [Fact]
    public void Goes_on_with_the_same_session_over_another_connection()
    {
        Load();
        _session.Disconnected("gone", _now);
        Assert.Equal((RtrState.Down, OriginValidity.Valid, _now + TimeSpan.FromMinutes(10)), (_session.State, Of(A), _session.ConnectAt));
        _session.Connected(_now);
        Assert.Equal(RtrEncoder.SerialQuery(1, 5, 7), _session.TakeOutput());
    }

    [Fact]
    public void Uses_no_data_past_its_time_when_the_cache_is_gone()
    {
        Load();
        _session.Disconnected("gone", _now);
        Pass(TimeSpan.FromHours(2) - TimeSpan.FromSeconds(1));
        Assert.True(_session.HasData);
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal((false, OriginValidity.NotFound), (_session.HasData, Of(A)));
        _session.Connected(_now);
        Assert.Equal(RtrEncoder.ResetQuery(1), _session.TakeOutput());
    }

    [Fact]
    public void Our_own_times_go_before_the_caches_but_never_let_data_live_longer()
    {
        var impatient = new RtrSession(new RtrSessionOptions(10, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20)));
        Load(impatient);
        impatient.Disconnected("gone", _now);
        Assert.Equal(_now + TimeSpan.FromSeconds(2), impatient.ConnectAt);
        impatient.Tick(_now + TimeSpan.FromSeconds(20));
        Assert.False(impatient.HasData);

        var patient = new RtrSession(new RtrSessionOptions(10, Expire: TimeSpan.FromDays(2)));
        Load(patient);
        patient.Tick(_now + TimeSpan.FromHours(2));
        Assert.False(patient.HasData);
    }

    [Fact]
    public void Speaks_version_0_with_a_cache_that_reports_that_it_knows_no_other()
    {
        Connect();
        Take(RtrEncoder.ErrorReport(0, RtrError.UnsupportedVersion, RtrSamples.ResetQuery, "?"));
        Assert.Equal((true, 0, _now), (_session.MustClose, (int)_session.Version, _session.ConnectAt));
        _session.Connected(_now);
        Assert.Equal(RtrEncoder.ResetQuery(0), _session.TakeOutput());
        Take(RtrEncoder.CacheResponse(0, 5), RtrEncoder.Prefix(0, true, A), RtrEncoder.EndOfData(0, 5, 7, RtrSamples.Intervals));
        Assert.Equal(OriginValidity.Valid, Of(A));
    }

    [Fact]
    public void Speaks_version_0_with_a_cache_that_answers_so()
    {
        Connect();
        Take(RtrEncoder.SerialNotify(0, 9, 9), RtrEncoder.CacheResponse(0, 5), RtrEncoder.Prefix(0, true, A), RtrEncoder.EndOfData(0, 5, 7, RtrSamples.Intervals));
        Assert.Equal((0, OriginValidity.Valid), ((int)_session.Version, Of(A)));
    }

    [Fact]
    public void Tries_the_other_version_with_a_cache_that_hangs_up_without_a_word()
    {
        Connect();
        _session.Disconnected("gone", _now);
        Assert.Equal(0, _session.Version);
        _session.Connected(_now);
        _session.Disconnected("gone", _now);
        Assert.Equal(1, _session.Version);
    }

    [Fact]
    public void Asks_for_everything_later_when_the_cache_has_nothing_yet()
    {
        Connect();
        Take(RtrEncoder.ErrorReport(1, RtrError.NoDataAvailable, RtrSamples.ResetQuery, "wait"));
        Assert.Equal((false, RtrState.Waiting), (_session.MustClose, _session.State));
        Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(RtrEncoder.ResetQuery(1), _session.TakeOutput());
    }

    [Theory]
    [InlineData("another session", 0)]
    [InlineData("a second announcement", 7)]
    [InlineData("a withdrawal of something unknown", 6)]
    [InlineData("an unknown type", 5)]
    [InlineData("a PDU without a place", 0)]
    [InlineData("another version", 8)]
    [InlineData("a length that cannot be", 0)]
    public void Reports_and_drops_the_session_over(string what, int code)
    {
        Load();
        Take(RtrEncoder.SerialNotify(1, 5, 8));
        _session.TakeOutput();
        byte[][] said = what switch
        {
            "another session" => [RtrEncoder.CacheResponse(1, 6)],
            "a second announcement" => [RtrEncoder.CacheResponse(1, 5), RtrEncoder.Prefix(1, true, C), RtrEncoder.Prefix(1, true, A), RtrEncoder.EndOfData(1, 5, 8, RtrSamples.Intervals)],
            "a withdrawal of something unknown" => [RtrEncoder.CacheResponse(1, 5), RtrEncoder.Prefix(1, false, A), RtrEncoder.Prefix(1, false, C), RtrEncoder.EndOfData(1, 5, 8, RtrSamples.Intervals)],
            "an unknown type" => [[1, 5, 0, 0, 0, 0, 0, 8]],
            "a PDU without a place" => [RtrEncoder.Prefix(1, true, C)],
            "another version" => [RtrEncoder.CacheResponse(0, 5)],
            _ => [[1, 3, 0, 5, 0, 0, 0, 1]],
        };
        Take(said);
        Assert.True(_session.MustClose);
        Assert.Equal(DecodeError.None, RtrDecoder.Decode(_session.TakeOutput(), out var report));
        Assert.Equal((RtrPduType.ErrorReport, (RtrError)code), (report.Type, report.Error));
        // Half of an answer counts for nothing; another session makes all that was learned in this one void.
        var kept = what != "another session";
        Assert.Equal((kept, kept, OriginValidity.NotFound), (_session.HasData, Of(A) == OriginValidity.Valid, Of(C)));
        _session.Disconnected("closed", _now);
        _session.Connected(_now);
        Assert.Equal(RtrEncoder.ResetQuery(1), _session.TakeOutput());
    }

    [Fact]
    public void Holds_no_more_than_it_may()
    {
        var small = new RtrSession(new RtrSessionOptions(2));
        Load(small);
        small.Take(RtrEncoder.SerialNotify(1, 5, 8), _now);
        small.TakeOutput();
        small.Take([.. RtrEncoder.CacheResponse(1, 5), .. RtrEncoder.Prefix(1, true, C), .. RtrEncoder.EndOfData(1, 5, 8, RtrSamples.Intervals)], _now);
        Assert.Equal((true, 2), (small.MustClose, small.Table.Count));

        var smaller = new RtrSession(new RtrSessionOptions(1));
        smaller.Connected(_now);
        smaller.Take([.. RtrEncoder.CacheResponse(1, 5), .. RtrEncoder.Prefix(1, true, A), .. RtrEncoder.Prefix(1, true, B)], _now);
        Assert.Equal((true, 0), (smaller.MustClose, smaller.Table.Count));
        Assert.Contains("more than 1 payloads", smaller.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Gives_up_a_cache_that_falls_silent_in_the_middle()
    {
        Connect();
        Take(RtrEncoder.CacheResponse(1, 5));
        Pass(TimeSpan.FromSeconds(29));
        Take(RtrEncoder.Prefix(1, true, A));
        Pass(TimeSpan.FromSeconds(29));
        Assert.False(_session.MustClose);
        Pass(TimeSpan.FromSeconds(1));
        Assert.True(_session.MustClose);
    }

    [Fact]
    public void Takes_a_stream_however_it_is_cut()
    {
        byte[] stream = [.. RtrEncoder.CacheResponse(1, 5), .. RtrEncoder.Prefix(1, true, A), .. RtrSamples.RouterKey, .. RtrEncoder.Prefix(1, true, B), .. RtrEncoder.EndOfData(1, 5, 7, RtrSamples.Intervals)];
        Prop.ForAll(Gen.Choose(1, stream.Length).ListOf().ToArbitrary(), cuts =>
        {
            var session = new RtrSession(new RtrSessionOptions(10));
            session.Connected(_now);
            var from = 0;
            foreach (var to in cuts.Append(stream.Length).Order()) from += session.Take(stream.AsSpan(from, to - from), _now);
            return from == stream.Length && session.Table.Count == 2 && session.State == RtrState.Waiting;
        }).QuickCheckThrowOnFailure();
    }

    private void Connect()
    {
        _session.Connected(_now);
        Assert.Equal(RtrEncoder.ResetQuery(1), _session.TakeOutput());
    }

    private void Load()
    {
        Connect();
        Load(_session);
    }

    private void Load(RtrSession session)
    {
        if (session.State == RtrState.Down) session.Connected(_now);
        session.Take([.. RtrEncoder.CacheResponse(1, 5), .. RtrEncoder.Prefix(1, true, A), .. RtrEncoder.Prefix(1, true, B), .. RtrEncoder.EndOfData(1, 5, 7, RtrSamples.Intervals)], _now);
        Assert.True(session.HasData);
        session.TakeOutput();
    }

    private void Take(params byte[][] pdus) => _session.Take([.. pdus.SelectMany(p => p)], _now);

    private void Pass(TimeSpan time)
    {
        _now += time;
        _session.Tick(_now);
    }

    private OriginValidity Of(Vrp vrp) => _session.Table.Validate(vrp.Prefix, vrp.As).Validity;
}
