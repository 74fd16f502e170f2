namespace Breakwater.Core.Behaviour.Scans;

/// <summary>What first contacts are made by; each is judged by itself, for a host may talk peer to peer by UDP and scan by TCP.</summary>
internal enum ScanKind : byte
{
    Tcp,
    Udp,
    Icmp,
    Arp,
}

internal static class ScanKinds
{
    public const int Count = 4;

    public static ScanKind? Of(in Contact contact) =>
        contact.IsTcp ? ScanKind.Tcp : contact.IsUdp ? ScanKind.Udp : contact.IsIcmp ? ScanKind.Icmp : contact.IsArp ? ScanKind.Arp : null;

    public static string Word(this ScanKind kind) => kind switch
    {
        ScanKind.Tcp => "TCP",
        ScanKind.Udp => "UDP",
        ScanKind.Icmp => "ICMP echo",
        _ => "ARP",
    };
}
