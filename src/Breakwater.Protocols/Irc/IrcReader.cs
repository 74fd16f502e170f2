using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Irc;

/// <summary>Hears how clients of Internet Relay Chat call themselves, at whatever port.</summary>
/// <remarks>RFC 2812 §2.3: lines of at most 512 octets, CR LF included; §3.1: PASS, NICK, USER, of which other protocols share the first and the last. IRCv3 begins with CAP.</remarks>
public sealed class IrcReader : IPayloadReader
{
    private const byte Tcp = 6, Push = 8, Syn = 2;

    /// <summary>Headers with options, and three lines, as clients send them at once.</summary>
    private const int MaxOctets = 40 + 60 + 512;

    /// <summary>RFC 2812 §1.2.1 allows nine; today's servers thirty or so.</summary>
    private const int MaxNickname = 64;

    private const int MaxLines = 4;

    public string Name => "irc";

    /// <remarks>Clients push what they say, in short packets, from high ports; the servers of bots listen on any.</remarks>
    public bool Wants(in Flow flow) => flow.Protocol == Tcp && (flow.TcpFlags & (Syn | Push)) == Push && flow.SourcePort >= 1024 && flow.Bytes <= MaxOctets;

    public void Read(in Flow flow, ReadOnlySpan<byte> packet, int linkType, IObservationSink observations)
    {
        if (!PacketParser.TryPayload(packet, linkType, flow, out var lines)) return;
        // Nothing else is looked through: most short packets are something else.
        if (!lines.StartsWith("NICK "u8) && !lines.StartsWith("PASS "u8) && !lines.StartsWith("USER "u8) && !lines.StartsWith("CAP "u8)) return;
        for (var i = 0; i < MaxLines; i++)
        {
            var end = lines.IndexOf((byte)'\n');
            // A line that was cut has half a name.
            if (end < 0) return;
            var line = lines[..end].TrimEnd((byte)'\r');
            if (line.StartsWith("NICK "u8))
            {
                Tell(flow, line[5..].TrimStart(":"u8), observations);
                return;
            }
            lines = lines[(end + 1)..];
        }
    }

    private static void Tell(in Flow flow, ReadOnlySpan<byte> nickname, IObservationSink observations)
    {
        var space = nickname.IndexOf((byte)' ');
        if (space >= 0) nickname = nickname[..space];
        if (nickname.Length is 0 or > MaxNickname || nickname.IndexOfAnyExceptInRange((byte)'!', (byte)'~') >= 0) return;
        observations.Take(flow, new NicknameObservation { Nickname = nickname });
    }
}
