namespace Breakwater.Protocols.Coap;

/// <summary>Numbers of the options that have a meaning here.</summary>
/// <remarks>RFC 7252 §12.2, RFC 7641 §2 (Observe), RFC 7959 §2.1 and §4 (Block, Size), RFC 8768 (Hop-Limit), RFC 9175 (Echo, Request-Tag).</remarks>
public static class CoapOptions
{
    public const int IfMatch = 1;
    public const int UriHost = 3;
    public const int ETag = 4;
    public const int IfNoneMatch = 5;
    public const int Observe = 6;
    public const int UriPort = 7;
    public const int UriPath = 11;
    public const int ContentFormat = 12;
    public const int MaxAge = 14;
    public const int UriQuery = 15;
    public const int HopLimit = 16;
    public const int Accept = 17;
    public const int Block2 = 23;
    public const int Block1 = 27;
    public const int Size2 = 28;
    public const int Size1 = 60;
    public const int Echo = 252;
    public const int RequestTag = 292;

    /// <summary>False for a critical option without a meaning here: a request that carries it gets 4.02 (RFC 7252 §5.4.1).</summary>
    public static bool IsUnderstood(CoapOption option) =>
        !option.IsCritical || option.Number is IfMatch or UriHost or IfNoneMatch or UriPort or UriPath or UriQuery or Accept or Block2 or Block1;
}
