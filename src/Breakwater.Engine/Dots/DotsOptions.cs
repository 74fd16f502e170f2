using System.ComponentModel.DataAnnotations;

namespace Breakwater.Engine.Dots;

/// <summary>Section <c>dots</c> of the configuration file: DDoS Open Threat Signaling (RFC 9132), as a provider and as a customer.</summary>
public sealed class DotsOptions : IValidatableObject
{
    public DotsServerSection Server { get; set; } = new();

    /// <summary>Servers of our providers that we ask to mitigate for us, by name.</summary>
    [MaxLength(64)]
    public Dictionary<string, DotsUpstreamOptions> Upstreams { get; set; } = [];

    /// <summary>Providers that we connect to so that they can ask us to stop sources of ours (RFC 9066), by name; their port is 4647.</summary>
    [MaxLength(64)]
    public Dictionary<string, DotsCallHomeOptions> CallHome { get; set; } = [];

    public CallHomeListenerSection CallHomeListener { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        CallHome.Keys.Where(Server.Clients.ContainsKey).Select(name => new ValidationResult("is the name of a client already: requests of both could not be told apart", [$"call_home.{name}"]));
}
