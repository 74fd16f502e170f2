using System.Runtime.InteropServices;

namespace Breakwater.Engine.Net;

/// <summary>The program with which the kernel chooses packets for a socket that listens on all interfaces, and cuts them to length.</summary>
/// <remarks>Classic BPF, as in the kernel's Documentation/networking/filter.rst.</remarks>
internal static class CaptureFilter
{
    /// <summary>Interfaces that one program can name: its jumps reach 255 instructions.</summary>
    public const int MaxInterfaces = 240;

    private const ushort LoadAbsolute = 0x20;       // BPF_LD | BPF_W | BPF_ABS
    private const ushort JumpIfEqual = 0x15;        // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06;             // BPF_RET | BPF_K
    private const uint PacketType = 0xFFFF_F004;    // SKF_AD_OFF + SKF_AD_PKTTYPE
    private const uint InterfaceIndex = 0xFFFF_F008; // SKF_AD_OFF + SKF_AD_IFINDEX
    private const uint Outgoing = 4;                // PACKET_OUTGOING

    /// <summary>struct sock_filter</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);

    /// <summary>Takes the packets of some interfaces. Of a loopback interface only those coming in: each comes by twice.</summary>
    public static Instruction[] For(IEnumerable<CaptureInterface> interfaces, int snap)
    {
        var chosen = interfaces.Where(i => i.State == CaptureInterfaceState.Capturing).Take(MaxInterfaces).ToArray();
        var ordinary = chosen.Where(i => !i.IsLoopback).ToArray();
        var loopback = (uint?)chosen.FirstOrDefault(i => i.IsLoopback)?.Index ?? uint.MaxValue;
        var program = new List<Instruction> { new(LoadAbsolute, 0, 0, InterfaceIndex) };
        // Over the jumps that remain and the four instructions for loopback, to "take it".
        for (var i = 0; i < ordinary.Length; i++) program.Add(new(JumpIfEqual, (byte)(ordinary.Length - i - 1 + 4), 0, (uint)ordinary[i].Index));
        program.AddRange(
        [
            new(JumpIfEqual, 1, 0, loopback),
            new(Return, 0, 0, 0),
            new(LoadAbsolute, 0, 0, PacketType),
            new(JumpIfEqual, 1, 0, Outgoing),
            new(Return, 0, 0, (uint)snap),
            new(Return, 0, 0, 0),
        ]);
        return [.. program];
    }
}
