using System.ComponentModel.DataAnnotations;
using System.Net;
using Breakwater.Core;
using Breakwater.Core.Net;
using Breakwater.Protocols.Ipfix;

namespace Breakwater.Engine.Flows;

/// <summary>Section <c>flows</c> of the configuration file: where flow records are received, and from how many exporters.</summary>
public sealed class FlowListenerOptions
{
    /// <summary>Local addresses and UDP ports to listen on; empty for none. Any port takes NetFlow v5 and v9, IPFIX and sFlow v5.</summary>
    /// <remarks>
    /// The registered or customary ports of NetFlow, IPFIX and sFlow, on loopback: anyone who can send to a flow port can forge
    /// traffic, so opening it to a network is the operator's decision.
    /// </remarks>
    public IList<IPEndPoint> Listen { get; set; } =
    [
        new IPEndPoint(IPAddress.Loopback, 2055), new IPEndPoint(IPAddress.Loopback, 4739), new IPEndPoint(IPAddress.Loopback, 6343),
    ];

    /// <summary>Octets of kernel receive buffer per socket.</summary>
    /// <remarks>
    /// 16 MiB hold about 50 ms of the fastest stream one core can decode. Without CAP_NET_ADMIN the kernel caps it at
    /// net.core.rmem_max, which Debian sets to 208 KiB: less than a millisecond.
    /// </remarks>
    [Range(65_536, 1_073_741_824)]
    public int ReceiveBuffer { get; set; } = 16 * 1024 * 1024;

    /// <summary>Exporters (source addresses) known at a time.</summary>
    /// <remarks>More than the routers and switches of a large network, and a bound on what forged source addresses can cost.</remarks>
    [Range(1, 65_535)]
    public int MaxExporters { get; set; } = 4096;

    /// <summary>Sampling rates that replace whatever an exporter announces.</summary>
    [Live]
    public IList<SamplingOverride> Sampling { get; set; } = [];

    /// <summary>Bounds on what exporters of NetFlow v9 and IPFIX may make us remember.</summary>
    public TemplateOptions Templates { get; set; } = new();
}

/// <summary>A sampling rate set by the operator, for exporters that announce none or a wrong one.</summary>
public sealed class SamplingOverride : IValidatableObject
{
    /// <summary>The exporter's source address.</summary>
    public IpAddr Exporter { get; set; }

    /// <summary>SNMP ifIndex of the input interface that the rate is for; 0 for all interfaces.</summary>
    public uint Interface { get; set; }

    /// <summary>1:N sampling; 1 for none.</summary>
    [Range(1, uint.MaxValue)]
    public uint Rate { get; set; } = 1;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Exporter == default) yield return new ValidationResult("names no exporter: write its source address", [nameof(Exporter)]);
    }
}
