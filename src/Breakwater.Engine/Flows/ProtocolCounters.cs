using Breakwater.Core.Flows;

namespace Breakwater.Engine.Flows;

/// <summary>What one receiver got of one protocol. Written by the receiver's thread, read by anyone.</summary>
/// <param name="protocol">Name of the decoder.</param>
public sealed class ProtocolCounters(string protocol)
{
    private readonly long[] _errors = new long[Enum.GetValues<DecodeError>().Length];
    private long _datagrams;
    private long _flows;

    public string Protocol { get; } = protocol;
    public long Datagrams => Volatile.Read(ref _datagrams);
    public long Flows => Volatile.Read(ref _flows);

    /// <summary>Datagrams whose first error was this one.</summary>
    public long Errors(DecodeError error) => Volatile.Read(ref _errors[(int)error]);

    internal void Count(DecodeError error, int flows)
    {
        _datagrams++;
        _flows += flows;
        if (error != DecodeError.None) _errors[(int)error]++;
    }
}
