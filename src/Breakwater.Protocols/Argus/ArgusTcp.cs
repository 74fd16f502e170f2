using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Argus;

/// <summary>TCP flags out of the State column.</summary>
internal static class ArgusTcp
{
    private const byte Fin = 1;
    private const byte Syn = 2;
    private const byte Rst = 4;
    private const byte Psh = 8;
    private const byte Ack = 16;
    private const byte Urg = 32;
    private const byte Ece = 64;
    private const byte Cwr = 128;

    /// <summary>"FSPA_SRA": flags seen from the source and from the destination; or one word for the connection's state.</summary>
    public static void FromState(ReadOnlySpan<byte> state, ref Flow forward, ref Flow reverse)
    {
        var between = state.IndexOf((byte)'_');
        if (between >= 0)
        {
            forward.TcpFlags = Flags(state[..between]);
            reverse.TcpFlags = Flags(state[(between + 1)..]);
            return;
        }
        // Requested, accepted; connected, finished, closed and reset do not tell by whom.
        var (from, to) =
            state.SequenceEqual("REQ"u8) ? (Syn, 0)
            : state.SequenceEqual("ACC"u8) ? (Syn, Syn | Ack)
            : state.SequenceEqual("CON"u8) ? (Ack, Ack)
            : state.SequenceEqual("FIN"u8) || state.SequenceEqual("CLO"u8) ? (Ack | Fin, Ack | Fin)
            : state.SequenceEqual("RST"u8) ? (Rst, Rst)
            : (0, 0);
        forward.TcpFlags = (byte)from;
        reverse.TcpFlags = (byte)to;
    }

    private static byte Flags(ReadOnlySpan<byte> letters)
    {
        var flags = 0;
        foreach (var letter in letters)
            flags |= letter switch
            {
                (byte)'F' => Fin,
                (byte)'S' => Syn,
                (byte)'R' => Rst,
                (byte)'P' => Psh,
                (byte)'A' => Ack,
                (byte)'U' => Urg,
                (byte)'E' => Ece,
                (byte)'C' => Cwr,
                _ => 0,
            };
        return (byte)flags;
    }
}
