using Breakwater.Core.Behaviour.Exposure;
using Breakwater.Protocols.Hygiene;

namespace Breakwater.Fuzz.Targets;

/// <summary>What hosts say when they are asked whether they are reflectors: each input is read as the answer to every question.</summary>
public sealed class ReflectorQueryTarget : IFuzzTarget
{
    private const ushort Id = 0x1234;

    public string Name => "reflector-answer";

    /// <summary>Answers of a name server, a clock, a device, a cache, a directory and an agent of network management.</summary>
    public IReadOnlyList<byte[]> Corpus { get; } =
    [
        [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0],
        [0x16, 0x82, 0x12, 0x34, 0, 0, 0, 0, 0, 0, 0, 4, .. "leap"u8],
        [.. "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n"u8],
        [0x12, 0x34, 0, 0, 0, 1, 0, 0, .. "VERSION 1.6.9\r\n"u8],
        [0x30, 0x84, 0, 0, 0, 13, 0x02, 1, 0x1234 % 127 + 1, 0x64, 0x84, 0, 0, 0, 4, 0x04, 0, 0x30, 0],
        [0x30, 42, 0x02, 1, 1, 0x04, 6, .. "public"u8, 0xA2, 29, 0x02, 2, 0x12, 0x34, 0x02, 1, 0, 0x02, 1, 0, 0x30, 17, 0x30, 15, 0x06, 8, 0x2B, 6, 1, 2, 1, 1, 1, 0, 0x04, 3, .. "box"u8],
    ];

    public IReadOnlyList<byte[]> Tokens { get; } = [[0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0xA2, 0x1C], [0x02, 4]];

    public string Feed(ReadOnlyMemory<byte> input)
    {
        var answers = 0;
        foreach (var question in Enum.GetValues<ReflectorQuestion>())
        {
            var verdict = ReflectorQuery.Read(question, Id, input.Span);
            if (verdict == ConfirmationVerdict.Silent) throw new InvalidOperationException("an answer is silence");
            if (verdict is not null) answers++;
        }
        return answers == 0 ? "no answer" : "None";
    }
}
