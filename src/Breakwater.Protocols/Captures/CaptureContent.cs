namespace Breakwater.Protocols.Captures;

/// <summary>What the packets of a capture are taken for.</summary>
public enum CaptureContent
{
    /// <summary>Flow exports where nearly all of the first packets are such, else packets.</summary>
    Auto,

    /// <summary>The packets themselves, whatever they carry.</summary>
    Packets,

    /// <summary>The flow records that export datagrams among the packets carry; other packets are passed over.</summary>
    Flows,
}
