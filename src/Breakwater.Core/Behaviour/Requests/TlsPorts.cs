namespace Breakwater.Core.Behaviour.Requests;

/// <summary>Ports at which TLS surprises nobody.</summary>
/// <remarks>IANA's registry of service names and ports, and what large services and devices use; also remote desktops, which one reaches by address.</remarks>
internal static class TlsPorts
{
    public static bool IsOne(ushort port) =>
        port is 443 or 465 or 563 or 636 or 853 or 989 or 990 or 992 or 993 or 994 or 995 or 3389 or 4433 or 4443 or 5061 or 5223 or (>= 5228 and <= 5230) or 5349 or 5671 or 5986 or 6443 or 6697
            or 8443 or (>= 8883 and <= 8886) or 9443 or 22_000;
}
