using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Names;

/// <summary>A host sends data out in the names that it asks for below one domain, or gets data in by TXT answers.</summary>
/// <remarks>
/// By information, not by entropy of single names: Ozery, Nadler, Shabtai, "Information-Based Heavy Hitters for Real-Time DNS Data Exfiltration Detection"
/// (NDSS 2024), here by (client, registered domain): bits of names not asked for before, in one hour. Answers: Dietrich et al., "On Botnets that use DNS for
/// Command and Control" (EC2ND 2011). Names over DoH, DoT and DoQ are not seen.
/// </remarks>
public sealed class DnsTunnelBehaviour(BehaviourOptions options, HomeNetwork home) : IBehaviour, IHear<DnsObservation>
{
    /// <summary>Bits of new names below one domain within an hour: 1 KiB, to which Nadler et al. (2019) limit what may leak in an hour; Ozery's method caught 0.7 octets a second, which is 2.5 KiB.</summary>
    public const double MinBits = 8192;

    /// <summary>Octets of encoded TXT content, each seen for the first time, from one domain within an hour.</summary>
    public const int MinText = 1024;

    private const int MinNames = 20, MinAnswers = 5;

    /// <summary>New names a question: software that resolves asks for each name again, by type and when it expires; a tunnel must not, or a cache would answer.</summary>
    private const double MinNewShare = 0.7;

    /// <summary>Bits a letter that one ordinary name in twenty passes (measured when the model was made).</summary>
    private const double MinCost = 4.8;

    private const int MaxDomain = 63;
    private const int SeenWords = 16;

    /// <summary>About 300 octets each.</summary>
    private const int MaxChannels = 65_536;

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly HostStates<Channel> _channels = new(Math.Min(options.MaxHosts, MaxChannels));
    private readonly ServersSeen _servers = new();
    private readonly List<IpAddr> _due = [];

    public string Name => "dns-tunnel";

    public ContactEvents Wants => ContactEvents.None;

    /// <remarks>Of every tenth packet a tunnel of 10 KiB an hour is left.</remarks>
    public int WorksTo => 10;

    public void Heard(in Flow flow, in DnsObservation observation)
    {
        if (observation.IsResponse) _servers.Add(observation.Server);
        if (!home.MayAccuse(observation.Client)) return;
        if (!RegisteredDomain.TryFind(observation.Name, out var domain) || domain.Domain.Length > MaxDomain || BusyDomains.Contains(domain.Domain)) return;
        var isText = observation.QuestionType is DnsNames.Txt or DnsNames.Null;
        // Most names have a host part of a word or two; a channel is kept for what could carry something.
        if (!isText && domain.Host.Length < 8) return;
        var key = KeyOf(observation.Client, domain.Domain);
        ref var channel = ref _channels.FindOrAdd(key, flow.Start.Milliseconds32, out var isNew);
        if (isNew || (int)(flow.Start.Seconds32 - channel.Start) > Window.TotalSeconds) channel.Begin(observation.Client, domain.Domain, flow.Start.Seconds32);
        channel.Last = Math.Max(channel.Last, flow.Start.Seconds32);
        if (observation.IsResponse) channel.Responses++;
        else channel.Queries++;
        if (isText) channel.TextQuestions++;
        if (observation.ResponseCode == DnsNames.ServerFailure) channel.Failures++;
        if (!domain.Host.IsEmpty && channel.IsNew(NameText.Hash(domain.Host))) channel.Take(domain.Host);
        if (isText && IsEncoded(observation.Text) && channel.IsNew(NameText.Hash(observation.Text)))
        {
            channel.TextAnswers++;
            channel.TextOctets += observation.Text.Length;
        }
        if (channel.Queued || !(channel.IsTunnel || channel.IsTextChannel) || channel.Volume < channel.ToldAt * 1.5) return;
        channel.Queued = true;
        _due.Add(key);
    }

    public void Tick(Timestamp now, ISignSink signs)
    {
        foreach (var key in _due)
        {
            ref var channel = ref _channels.Find(key, now.Milliseconds32);
            if (Unsafe.IsNullRef(ref channel)) continue;
            channel.Queued = false;
            if (_servers.Contains(channel.Client)) continue;
            channel.ToldAt = channel.Volume;
            if (channel.IsTunnel) signs.Add(Tunnel(channel));
            if (channel.IsTextChannel) signs.Add(TextChannel(channel));
        }
        _due.Clear();
    }

    private Sign Tunnel(in Channel channel)
    {
        var domain = NameText.Of(channel.DomainOf());
        return new Sign
        {
            Behaviour = Name,
            Name = SignNames.DnsTunnel,
            Family = SignNames.FamilyOf(SignNames.DnsTunnel),
            Weight = SignNames.WeightOf(SignNames.DnsTunnel),
            Confidence = channel.Bits >= 4 * MinBits || channel.TextShare >= 0.3 ? 0.99 : 0.96,
            Confirmed = true,
            Host = channel.Client,
            From = Timestamp.FromUnixSeconds(channel.Start),
            To = Timestamp.FromUnixSeconds(channel.Last),
            Because = string.Create(CultureInfo.InvariantCulture,
                $"{channel.Bits / 8:0} octets went out in {channel.New} names below {domain} that were asked for the first time, within {(channel.Last - channel.Start) / 60.0:0.#} minutes: {channel.NewShare:P0} of all questions about that domain, {channel.CostOfLetter:0.0} bits a letter, {channel.TextShare:P0} for TXT or NULL"),
            Counterfactual = string.Create(CultureInfo.InvariantCulture,
                $"would not have been said below {MinBits / 8:0} octets an hour, {MinNames} names, {MinNewShare:P0} of them new, or {MinCost} bits a letter"),
            Inputs = [new("octets-out", channel.Bits / 8), new("names", channel.New), new("new-share", channel.NewShare), new("bits-a-letter", channel.CostOfLetter), new("text-share", channel.TextShare), new("text-octets-in", channel.TextOctets)],
            WorksTo = WorksTo,
            Packets = channel.Queries + channel.Responses,
            SampledPackets = channel.Queries + channel.Responses,
        };
    }

    private Sign TextChannel(in Channel channel)
    {
        var domain = NameText.Of(channel.DomainOf());
        return new Sign
        {
            Behaviour = Name,
            Name = SignNames.DnsTextC2,
            Family = SignNames.FamilyOf(SignNames.DnsTextC2),
            Weight = SignNames.WeightOf(SignNames.DnsTextC2),
            Confidence = 0.96,
            Confirmed = true,
            Host = channel.Client,
            From = Timestamp.FromUnixSeconds(channel.Start),
            To = Timestamp.FromUnixSeconds(channel.Last),
            Because = string.Create(CultureInfo.InvariantCulture,
                $"{channel.TextOctets} octets of encoded content came in by {channel.TextAnswers} different TXT answers from {domain} within {(channel.Last - channel.Start) / 60.0:0.#} minutes; {channel.TextQuestions} questions and answers were of that kind, {channel.Failures} of them failed"),
            Counterfactual = string.Create(CultureInfo.InvariantCulture, $"would not have been said below {MinText} octets an hour in {MinAnswers} answers, or of content in plain words"),
            Inputs = [new("text-octets-in", channel.TextOctets), new("text-answers", channel.TextAnswers), new("text-questions", channel.TextQuestions), new("failures", channel.Failures), new("octets-out", channel.Bits / 8)],
            WorksTo = WorksTo,
            Packets = channel.Queries + channel.Responses,
            SampledPackets = channel.Queries + channel.Responses,
        };
    }

    /// <summary>True for content that no person reads: long, without spaces, of the letters of base64 or hexadecimal, or binary.</summary>
    /// <remarks>Policies, keys and proofs of ownership are words: <c>v=spf1 …</c>, <c>v=DKIM1; k=rsa; …</c>. DNSCrypt certificates are binary and begin with DNSC.</remarks>
    private static bool IsEncoded(ReadOnlySpan<byte> text)
    {
        if (text.Length < 32 || text.StartsWith("v="u8) || text.StartsWith("DNSC"u8)) return false;
        int coded = 0, binary = 0;
        foreach (var octet in text)
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'+' or (byte)'/' or (byte)'=' or (byte)'-' or (byte)'_') coded++;
            else if (octet is < 0x20 or >= 0x7F) binary++;
        }
        return coded >= text.Length * 0.95 || binary >= text.Length * 0.1;
    }

    /// <summary>Pairs are kept by a hash of both ends, in the shape of an address.</summary>
    private static IpAddr KeyOf(in IpAddr client, ReadOnlySpan<byte> domain)
    {
        var hash = NameText.Hash(domain);
        return new IpAddr(client.High ^ hash, client.Low + (hash << 1 | 1));
    }

    [InlineArray(SeenWords)]
    private struct SeenBits
    {
        private ulong _first;
    }

    [InlineArray(MaxDomain)]
    private struct DomainText
    {
        private byte _first;
    }

    /// <summary>What one client and one registered domain said to each other within an hour.</summary>
    private struct Channel : IHostState
    {
        /// <summary>Names and texts seen before: a Bloom filter of 1,024 bits and two hashes. Full, it takes nothing for new any more.</summary>
        private SeenBits _seen;
        private DomainText _domain;
        private byte _domainLength;
        private int _letters;
        private double _cost;

        public IpAddr Client;
        public uint Start;
        public uint Last;
        public int Queries;
        public int Responses;
        public int New;
        public double Bits;
        public int TextQuestions;
        public int TextAnswers;
        public int TextOctets;
        public int Failures;
        public bool Queued;
        public double ToldAt;

        public readonly int Worth => (int)Math.Min(int.MaxValue, Volume);

        /// <summary>Bits both ways.</summary>
        public readonly double Volume => Bits + 8.0 * TextOctets;

        public readonly double NewShare => (double)New / Math.Max(1, Math.Max(Queries, Responses));
        public readonly double TextShare => (double)TextQuestions / Math.Max(1, Queries + Responses);
        public readonly double CostOfLetter => _cost / Math.Max(1, _letters);

        public readonly bool IsTunnel => Bits >= MinBits && New >= MinNames && NewShare >= MinNewShare && CostOfLetter >= MinCost;
        public readonly bool IsTextChannel => TextOctets >= MinText && TextAnswers >= MinAnswers;

        public void Begin(in IpAddr client, ReadOnlySpan<byte> domain, uint second)
        {
            this = default;
            Client = client;
            Start = Last = second;
            _domainLength = (byte)domain.Length;
            domain.CopyTo(_domain);
        }

        [UnscopedRef]
        public readonly ReadOnlySpan<byte> DomainOf() => ((ReadOnlySpan<byte>)_domain)[.._domainLength];

        public bool IsNew(ulong hash)
        {
            ref var first = ref _seen[(int)(hash >> 6 & SeenWords - 1)];
            ref var second = ref _seen[(int)(hash >> 22 & SeenWords - 1)];
            var firstBit = 1UL << (int)(hash & 63);
            var secondBit = 1UL << (int)(hash >> 16 & 63);
            var known = (first & firstBit) != 0 && (second & secondBit) != 0;
            first |= firstBit;
            second |= secondBit;
            return !known;
        }

        /// <summary>Counts what a new name could carry: no more than its letters can hold, nor than it costs under the model of ordinary names.</summary>
        public void Take(ReadOnlySpan<byte> host)
        {
            New++;
            foreach (var range in host.Split((byte)'.'))
            {
                var label = host[range];
                if (label.IsEmpty) continue;
                var cost = OrdinaryNames.BitsOf(label);
                _cost += cost;
                _letters += label.Length + 1;
                Bits += Math.Min(cost, label.Length * BitsOfLetter(label));
            }
        }

        private static double BitsOfLetter(ReadOnlySpan<byte> label)
        {
            var letters = 0;
            foreach (var octet in label)
            {
                var kind = octet switch
                {
                    >= (byte)'0' and <= (byte)'9' => 1,
                    >= (byte)'a' and <= (byte)'f' => 2,
                    >= (byte)'g' and <= (byte)'z' => 4,
                    >= 0x80 => 8,
                    _ => 4,
                };
                letters |= kind;
            }
            // Decimal, hexadecimal, base32 (base64 loses its case on the way), and the octets above 127 that some tunnels dare to use.
            return letters switch { 1 => 3.3, < 4 => 4, < 8 => 5, _ => 7 };
        }
    }
}
