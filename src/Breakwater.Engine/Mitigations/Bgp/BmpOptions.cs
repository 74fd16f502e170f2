using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Breakwater.Engine.Mitigations.Bgp;

/// <summary>Section <c>mitigation.bgp.bmp</c>: routers that tell what they hold of our announcements (RFC 7854). Off without an address to listen on.</summary>
public sealed class BmpOptions
{
    /// <summary>Local addresses and TCP ports on which routers may connect: ["192.0.2.1:11019"]. None: nobody can. Only peers may, from <c>bmp_address</c>.</summary>
    /// <remarks>The protocol has neither encryption nor proof of who speaks: listen on an address of the management network, or on loopback behind a tunnel.</remarks>
    [MaxLength(16)]
    public IReadOnlyList<IPEndPoint> Listen { get; set; } = [];
}
