namespace Breakwater.Engine.Net;

/// <summary>Packets captured on one interface. Written by the capture thread, read by anyone.</summary>
public sealed class InterfaceCounter(string name, int index)
{
    public string Name => name;

    /// <summary>ifIndex, as it was at the last look.</summary>
    public int Index => index;

    public long Packets;
}
