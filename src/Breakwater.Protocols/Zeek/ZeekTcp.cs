using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Zeek;

/// <summary>TCP flags of both directions out of what Zeek remembers of a connection.</summary>
internal static class ZeekTcp
{
    private const byte Fin = 1;
    private const byte Syn = 2;
    private const byte Rst = 4;
    private const byte Ack = 16;

    /// <summary>One letter for each kind of packet when first seen: the originator's in capitals, the responder's small.</summary>
    public static void FromHistory(ReadOnlySpan<byte> history, ref Flow forward, ref Flow reverse)
    {
        foreach (var letter in history)
        {
            var flags = (letter | 0x20) switch
            {
                's' => Syn,
                'h' => Syn | Ack,
                'a' => Ack,
                // Data: once a connection stands, every segment acknowledges (RFC 9293 §3.1).
                'd' => Ack,
                'f' => Fin,
                'r' => Rst,
                // Inconsistent (FIN with RST), and several flags at once (SYN with FIN or RST).
                'i' => Fin | Rst,
                'q' => Syn | Fin,
                _ => 0,
            };
            if (letter is >= (byte)'a') reverse.TcpFlags |= (byte)flags;
            else forward.TcpFlags |= (byte)flags;
        }
    }

    /// <summary>For logs without history: what must have been seen for the connection to be in its state.</summary>
    public static void FromState(ReadOnlySpan<byte> state, ref Flow forward, ref Flow reverse)
    {
        var (from, to) =
            state.SequenceEqual("S0"u8) ? (Syn, 0)
            : state.SequenceEqual("S1"u8) ? (Syn | Ack, Syn | Ack)
            : state.SequenceEqual("SF"u8) ? (Syn | Ack | Fin, Syn | Ack | Fin)
            : state.SequenceEqual("REJ"u8) ? (Syn, Rst | Ack)
            : state.SequenceEqual("S2"u8) ? (Syn | Ack | Fin, Syn | Ack)
            : state.SequenceEqual("S3"u8) ? (Syn | Ack, Syn | Ack | Fin)
            : state.SequenceEqual("RSTO"u8) ? (Syn | Ack | Rst, Syn | Ack)
            : state.SequenceEqual("RSTR"u8) ? (Syn | Ack, Syn | Ack | Rst)
            : state.SequenceEqual("RSTOS0"u8) ? (Syn | Rst, 0)
            : state.SequenceEqual("RSTRH"u8) ? (0, Syn | Ack | Rst)
            : state.SequenceEqual("SH"u8) ? (Syn | Fin, 0)
            : state.SequenceEqual("SHR"u8) ? (0, Syn | Ack | Fin)
            : (0, 0);
        forward.TcpFlags = (byte)from;
        reverse.TcpFlags = (byte)to;
    }
}
