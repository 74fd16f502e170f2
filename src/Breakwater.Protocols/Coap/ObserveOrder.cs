using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Coap;

/// <summary>Tells a newer notification from one that the network overtook.</summary>
/// <remarks>RFC 7641 §3.4: sequence numbers of 24 bits, compared modulo, valid for 128 s.</remarks>
public sealed class ObserveOrder
{
    private const uint Half = 1 << 23;
    private static readonly TimeSpan Validity = TimeSpan.FromSeconds(128);

    private uint? _last;
    private Timestamp _lastAt;

    /// <summary>True when the notification is newer than all before; remembers it then.</summary>
    /// <param name="sequence">The Observe option of the notification.</param>
    public bool IsNewer(Timestamp now, uint sequence)
    {
        if (_last is { } last && !(last < sequence && sequence - last < Half || last > sequence && last - sequence > Half || now > _lastAt + Validity)) return false;
        _last = sequence;
        _lastAt = now;
        return true;
    }
}
