namespace Breakwater.Server.Api;

/// <summary>
/// What the answers look like, for the OpenAPI document. The answers themselves are written field by field (Protocols/Json);
/// a test holds both together.
/// </summary>
internal static class Shapes
{
    public sealed record IncidentList(IReadOnlyList<Incident> Incidents, string? Next);

    public record Incident(
        string Id, string Kind, string Severity, double Confidence, string? Target, string? Host, IReadOnlyList<string> Sources, long SourceCount,
        IReadOnlyList<string> Vectors, DateTimeOffset Start, DateTimeOffset? End, Peak Peak, string Explanation,
        IReadOnlyList<Mitigation> Mitigations, string State, string HostGroup, double SourceCountError, IReadOnlyList<SourcePrefix> SourcePrefixes, double ForgedShare, IReadOnlyList<string> TargetPrefixes,
        DateTimeOffset DetectedAt, DateTimeOffset LastSeen, long Packets, long Bytes, long SampledPackets, double RelativeError, string Quality,
        IReadOnlyList<QualityNote> QualityNotes, int Pulses, PulseRhythm? PulseRhythm, DateTimeOffset? ArmedUntil, IReadOnlyList<Finding> Findings);

    public sealed record IncidentWithEvidence(
        string Id, string Kind, string Severity, double Confidence, string? Target, string? Host, IReadOnlyList<string> Sources, long SourceCount,
        IReadOnlyList<string> Vectors, DateTimeOffset Start, DateTimeOffset? End, Peak Peak, string Explanation, IReadOnlyList<Flow> Evidence,
        IReadOnlyList<Mitigation> Mitigations, string State, string HostGroup, double SourceCountError, IReadOnlyList<SourcePrefix> SourcePrefixes, double ForgedShare, IReadOnlyList<string> TargetPrefixes,
        DateTimeOffset DetectedAt, DateTimeOffset LastSeen, long Packets, long Bytes, long SampledPackets, double RelativeError, string Quality,
        IReadOnlyList<QualityNote> QualityNotes, int Pulses, PulseRhythm? PulseRhythm, DateTimeOffset? ArmedUntil, IReadOnlyList<Finding> Findings, EvidencePackets EvidencePackets);

    public sealed record QualityNote(string Issue, string Exporter, double? Amount, string Text);

    public sealed record PulseRhythm(double? PeriodSeconds, double? DutyCycle, double? ShortestSeconds, double? LongestSeconds, int Pulses);

    public sealed record Peak(double? BitsPerSecond, double? PacketsPerSecond);

    public sealed record SourcePrefix(string Prefix, double Share);

    public sealed record Mitigation(Match Match, string Action, double AttackShare, double? CollateralShare)
    {
        public double? RateBitsPerSecond { get; init; }
    }

    public sealed record MitigationList(string? PausedBy, IReadOnlyList<Mitigator> Mitigators, IReadOnlyList<MitigationLife> Mitigations, string? Next);

    public sealed record Mitigator(string Name, string? Problem);

    public record MitigationLife(
        string Id, string State, string Origin, string Requester, string? Incident, string HostGroup, Match Match, string Rule, string Action,
        double? RateBitsPerSecond, double? RatePacketsPerSecond, string Reason, DateTimeOffset Created, DateTimeOffset? Activated, DateTimeOffset Since,
        DateTimeOffset Expires, string Outcome, string? RefusedBy, IReadOnlyList<string> Approvers, string OnDeath, double? AttackShare,
        double? CollateralShare, string? EscalatedFrom, int Recurrence, MitigationEffect? Effect)
    {
        public DivertTarget? DivertTo { get; init; }
        public IReadOnlyList<string>? RequesterPrefixes { get; init; }
    }

    public sealed record MitigationWithPlaces(
        string Id, string State, string Origin, string Requester, string? Incident, string HostGroup, Match Match, string Rule, string Action,
        double? RateBitsPerSecond, double? RatePacketsPerSecond, string Reason, DateTimeOffset Created, DateTimeOffset? Activated, DateTimeOffset Since,
        DateTimeOffset Expires, string Outcome, string? RefusedBy, IReadOnlyList<string> Approvers, string OnDeath, double? AttackShare,
        double? CollateralShare, string? EscalatedFrom, int Recurrence, MitigationEffect? Effect, IReadOnlyList<Place> Places)
    {
        public DivertTarget? DivertTo { get; init; }
        public IReadOnlyList<string>? RequesterPrefixes { get; init; }
    }

    public sealed record DivertTarget(string Name, string? NextHop, string? RouteTarget);

    public sealed record MitigationEffect(
        DateTimeOffset At, bool Helped, double PacketsPerSecondBefore, double? PacketsPerSecondAfter, double AnswersPerSecondBefore,
        double AnswersPerSecondAfter, long? DroppedPackets);

    public sealed record Place(string Mitigator, [property: System.Text.Json.Serialization.JsonPropertyName("place")] string Where, string State, DateTimeOffset Since, string? SeenIn, string? Problem, string? Note, long? DroppedPackets, long? DroppedBytes);

    public sealed record Rpki(string? Cache, string State, int? Version, uint? Serial, int Roas, DateTimeOffset? UpdatedAt, string? Problem, IReadOnlyList<RouteOrigin> Own);

    public sealed record Score(
        [property: System.Text.Json.Serialization.JsonPropertyName("score")] double? Share, double Coverage, int Passed, int Failed, int Unknown, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<ScoreCheck> Checks);

    public sealed record ScoreCheck(
        [property: System.Text.Json.Serialization.JsonPropertyName("check")] string Name, string Title, string Verdict, int Passed, int Failed, int Unknown, string Because, string Method,
        IReadOnlyList<string> Clauses, IReadOnlyList<ScoreEvidence> Evidence);

    public sealed record ScoreEvidence(string Kind, string Id, string Path);

    public sealed record RouteOrigin(string Prefix, uint OriginAs, string Validity, string Because, IReadOnlyList<string> Covering, IReadOnlyList<string> TooWide);

    public sealed record MitigationRequest(Match Match, string Action)
    {
        public double? RateBitsPerSecond { get; init; }
        public double? RatePacketsPerSecond { get; init; }
        public string? DivertTo { get; init; }
        public double? LifetimeSeconds { get; init; }
        public string? Reason { get; init; }
        public string? Incident { get; init; }
    }

    public sealed record MitigationVerdict(bool Allowed, IReadOnlyList<Refusal> Refusals, string Rule, double? AttackShare);

    public sealed record Refusal(string Rail, string Reason);

    public sealed record Withdrawn([property: System.Text.Json.Serialization.JsonPropertyName("withdrawn")] int Count);

    public sealed record Match
    {
        public string? Destination { get; init; }
        public string? Source { get; init; }
        public IReadOnlyList<int>? Protocols { get; init; }
        public IReadOnlyList<ValueRange>? SourcePorts { get; init; }
        public IReadOnlyList<ValueRange>? DestinationPorts { get; init; }
        public IReadOnlyList<ValueRange>? IcmpTypes { get; init; }
        public IReadOnlyList<ValueRange>? IcmpCodes { get; init; }
        public FlagMatch? TcpFlags { get; init; }
        public IReadOnlyList<ValueRange>? PacketLengths { get; init; }
        public IReadOnlyList<ValueRange>? Dscp { get; init; }
        public bool? Fragment { get; init; }
    }

    public sealed record ValueRange(int From, int To);

    public sealed record FlagMatch(int Value, int Mask);

    public sealed record Finding(
        string Detector, string Kind, string Target, string Vector, DateTimeOffset From, DateTimeOffset To, double PacketsPerSecond,
        double BitsPerSecond, double Share, long SampledPackets, string Quality,
        IReadOnlyList<QualityNote> QualityNotes, double Confidence, string Severity, string Because,
        string Counterfactual, IReadOnlyList<Input> Inputs);

    public sealed record Input(string Name, double? Value);

    public sealed record Flow(
        DateTimeOffset Start, DateTimeOffset End, string Source, int SourcePort, string Destination, int DestinationPort, int Protocol,
        int TcpFlags, int Tos, int Ttl, long Packets, long Bytes, long SampledPackets, long InputInterface, long OutputInterface, int Exporter,
        IReadOnlyList<string> Flags);

    public sealed record EvidencePackets(int LinkType, IReadOnlyList<Packet> Packets);

    public sealed record Packet(DateTimeOffset Time, int OriginalLength, byte[] Bytes);

    public sealed record Reversed([property: System.Text.Json.Serialization.JsonPropertyName("revoked")] int Objects);

    public sealed record Sharing(bool Enabled, string Tlp, long Objects, IReadOnlyList<Told> Told);

    public sealed record Told(string? Incident, string Reference, long Objects, DateTimeOffset Last, bool Revoked);

    public sealed record CaseList(IReadOnlyList<Case> Cases);

    public sealed record Case(
        string Id, string Host, string HostGroup, string State, DateTimeOffset Opened, DateTimeOffset Since, DateTimeOffset LastSeen, double? Confidence,
        int Reinfections, IReadOnlyList<string> Kinds, IReadOnlyList<string> Incidents, IReadOnlyList<CaseTraffic> Traffic, IReadOnlyList<CaseEvent> History, IReadOnlyList<string> Steps);

    public sealed record CaseTraffic(DateTimeOffset At, string Kind, int Protocol, int SourcePort, string Destination, int DestinationPort);

    public sealed record CaseEvent(DateTimeOffset At, string What, string Who, string Why);

    public sealed record FeedList(int Prefixes, int Names, long Refused, IReadOnlyList<Feed> Feeds);

    public sealed record Feed(
        string Name, string Format, double Reliability, DateTimeOffset? Read, DateTimeOffset? Expires, int Entries, long Skipped, long Overflow, string? Problem);

    public sealed record Known(string What, double Score, IReadOnlyList<KnownClaim> Claims);

    public sealed record KnownClaim([property: System.Text.Json.Serialization.JsonPropertyName("feed")] string By, string Category, int Port, double Score, DateTimeOffset? Seen, DateTimeOffset? Until);

    public sealed record ComplaintList(IReadOnlyList<Known> Complaints);

    public sealed record ExporterList(IReadOnlyList<Exporter> Exporters);

    public sealed record Exporter(
        string Address, string Protocol, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, long Datagrams, long Flows, double FlowsPerSecond,
        long Lost, long DroppedWithoutTemplate, int Templates, string Sampling, IReadOnlyList<long> SamplingRates, double? ClockSkewSeconds,
        IReadOnlyDictionary<string, long> Errors);

    public sealed record AssetList(IReadOnlyList<Asset> Assets, string? Next);

    public sealed record Asset(string Host, IReadOnlyList<AssetFact> Facts);

    public sealed record AssetFact(string Kind, string Value, DateTimeOffset FirstSeen, DateTimeOffset LastSeen);

    public sealed record Traffic(DateTimeOffset From, DateTimeOffset To, int Step, IReadOnlyList<Series> Series);

    public sealed record Series(string HostGroup, string Direction, string Class, IReadOnlyList<Point> Points);

    public sealed record Point(DateTimeOffset Time, long Packets, long Bytes, long Flows, double PeakPacketsPerSecond);

    public sealed record LiveTraffic(
        DateTimeOffset Time, Rates In, Rates Out, Rates Internal, Rates Transit, IReadOnlyDictionary<string, Rates> InByClass,
        IReadOnlyDictionary<string, Rates> OutByClass, IReadOnlyList<HostRates> TopHosts, long Hosts, long HostsRefused, int OpenIncidents);

    public sealed record Rates(double? PacketsPerSecond, double? BitsPerSecond, double? FlowsPerSecond);

    public sealed record HostRates(string Host, string HostGroup, Rates In, Rates Out);

    public sealed record Health(string Status, string Version, DateTimeOffset? LastTraffic, int OpenIncidents, IReadOnlyList<Check> Checks);

    public sealed record Check(string Name, bool Ready, string? Reason);
}
