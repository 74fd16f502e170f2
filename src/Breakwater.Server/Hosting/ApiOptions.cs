using System.Net;

namespace Breakwater.Server.Hosting;

/// <summary>Section <c>api</c> of the configuration file.</summary>
public sealed class ApiOptions
{
    /// <summary>Local address and TCP port of the page, the HTTP API and the metrics.</summary>
    /// <remarks>On loopback: it has no log-in yet, so whoever reaches it sees everything. Put a proxy with log-in before it to open it.</remarks>
    public IPEndPoint Listen { get; set; } = new(IPAddress.Loopback, 8080);
}
