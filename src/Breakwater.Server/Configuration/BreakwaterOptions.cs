using System.ComponentModel.DataAnnotations;
using Breakwater.Core.Net;
using Breakwater.Engine.Storage;
using Breakwater.Server.Api;

namespace Breakwater.Server.Configuration;

/// <summary>The whole configuration file. Each section's class lives with the part that it configures.</summary>
public sealed class BreakwaterOptions
{
    /// <summary>The operator's own prefixes. Traffic to them is inbound, from them outbound; only hosts in them are protected.</summary>
    /// <remarks>Empty: the addresses of this machine's own interfaces, which is right for a server or a laptop that watches itself.</remarks>
    [MaxLength(10_000)]
    public IReadOnlyList<Prefix> Home { get; set; } = [];

    public StorageOptions Storage { get; set; } = new();

    /// <summary>The HTTP API, the page and the metrics.</summary>
    public ApiOptions Api { get; set; } = new();
}
