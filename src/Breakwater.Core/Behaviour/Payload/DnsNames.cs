namespace Breakwater.Core.Behaviour.Payload;

/// <summary>The DNS numbers that behaviour is judged by.</summary>
/// <remarks>RFC 1035 §3.2.2 and §4.1.1, RFC 3596 §2.1, RFC 6891 §6.1.1, RFC 2782, RFC 9460 §14.1.</remarks>
public static class DnsNames
{
    public const ushort A = 1;
    public const ushort Ns = 2;
    public const ushort Cname = 5;
    public const ushort Null = 10;
    public const ushort Ptr = 12;
    public const ushort Mx = 15;
    public const ushort Txt = 16;
    public const ushort Aaaa = 28;
    public const ushort Srv = 33;
    public const ushort Opt = 41;
    public const ushort Any = 255;

    public const ushort NoError = 0;
    public const ushort ServerFailure = 2;

    /// <summary>NXDOMAIN: the name does not exist.</summary>
    public const ushort NoSuchName = 3;
}
