namespace Breakwater.Protocols.Coap;

/// <summary>Method, response and signaling codes: class in the upper three bits, detail in the lower five.</summary>
/// <remarks>RFC 7252 §12.1, RFC 8132 §6 (4.09, 4.22), RFC 8323 §11.1 (7.xx).</remarks>
public enum CoapCode : byte
{
    Empty = 0x00,

    Get = 0x01,
    Post = 0x02,
    Put = 0x03,
    Delete = 0x04,

    /// <summary>2.01</summary>
    Created = 0x41,

    /// <summary>2.02</summary>
    Deleted = 0x42,

    /// <summary>2.03</summary>
    Valid = 0x43,

    /// <summary>2.04</summary>
    Changed = 0x44,

    /// <summary>2.05</summary>
    Content = 0x45,

    /// <summary>2.31 (RFC 7959 §2.9.1)</summary>
    Continue = 0x5F,

    /// <summary>4.00</summary>
    BadRequest = 0x80,

    /// <summary>4.01</summary>
    Unauthorized = 0x81,

    /// <summary>4.02</summary>
    BadOption = 0x82,

    /// <summary>4.03</summary>
    Forbidden = 0x83,

    /// <summary>4.04</summary>
    NotFound = 0x84,

    /// <summary>4.05</summary>
    MethodNotAllowed = 0x85,

    /// <summary>4.08 (RFC 7959 §2.9.2)</summary>
    RequestEntityIncomplete = 0x88,

    /// <summary>4.09</summary>
    Conflict = 0x89,

    /// <summary>4.13</summary>
    RequestEntityTooLarge = 0x8D,

    /// <summary>4.15</summary>
    UnsupportedContentFormat = 0x8F,

    /// <summary>4.22</summary>
    UnprocessableEntity = 0x96,

    /// <summary>4.29 (RFC 8516)</summary>
    TooManyRequests = 0x9D,

    /// <summary>5.00</summary>
    InternalServerError = 0xA0,

    /// <summary>5.03</summary>
    ServiceUnavailable = 0xA3,

    /// <summary>7.01: Capabilities and Settings Message</summary>
    Csm = 0xE1,

    /// <summary>7.02</summary>
    Ping = 0xE2,

    /// <summary>7.03</summary>
    Pong = 0xE3,

    /// <summary>7.04</summary>
    Release = 0xE4,

    /// <summary>7.05</summary>
    Abort = 0xE5,
}

/// <summary>What a code's class says.</summary>
public static class CoapCodes
{
    /// <summary>Class 0 with a detail: a method.</summary>
    public static bool IsRequest(this CoapCode code) => code != CoapCode.Empty && (byte)code >> 5 == 0;

    /// <summary>Classes 2, 4 and 5.</summary>
    public static bool IsResponse(this CoapCode code) => (byte)code >> 5 is 2 or 4 or 5;

    /// <summary>Class 2.</summary>
    public static bool IsSuccess(this CoapCode code) => (byte)code >> 5 == 2;

    /// <summary>Class 7 (RFC 8323 §5.1).</summary>
    public static bool IsSignal(this CoapCode code) => (byte)code >> 5 == 7;

    /// <summary>As people write it: 2.05.</summary>
    public static string Text(this CoapCode code) => $"{(byte)code >> 5}.{(byte)code & 0x1F:00}";
}
