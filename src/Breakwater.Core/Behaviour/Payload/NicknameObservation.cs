namespace Breakwater.Core.Behaviour.Payload;

/// <summary>A client told an IRC server how it wants to be called. The flow's source is the client.</summary>
public readonly ref struct NicknameObservation
{
    public required ReadOnlySpan<byte> Nickname { get; init; }
}
