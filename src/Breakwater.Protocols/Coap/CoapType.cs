namespace Breakwater.Protocols.Coap;

/// <summary>Message types of CoAP over datagrams (RFC 7252 §3). Over a reliable transport there are none, and every message counts as <see cref="NonConfirmable"/>.</summary>
public enum CoapType : byte
{
    Confirmable,
    NonConfirmable,
    Acknowledgement,
    Reset,
}
