using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Breakwater.Protocols.Nftables;

namespace Breakwater.Engine.Mitigations.Nftables;

/// <summary>Section <c>mitigation.nftables</c> of the configuration file: rules in the firewall of the gateway or scrubber that Breakwater runs on. They live in one table of our own; nothing else is touched.</summary>
public sealed partial class NftablesOptions : IValidatableObject
{
    /// <summary>Whether mitigations become rules here. Needs the program nft (package nftables), and root or CAP_NET_ADMIN.</summary>
    public bool Enabled { get; set; }

    /// <summary>Name of our table, of family inet. One of this name that is not ours is left alone.</summary>
    public string Table { get; set; } = "breakwater";

    /// <summary>Where packets are looked at: prerouting, which sees all that arrives, or ingress, which is earlier and cheaper and sees the interfaces in devices only.</summary>
    public NftHookPoint Hook { get; set; }

    /// <summary>Interfaces that attacks arrive at, for the hook ingress.</summary>
    [MaxLength(64)]
    public IReadOnlyList<string> Devices { get; set; } = [];

    /// <summary>Priority of our base chain: lower comes earlier.</summary>
    /// <remarks>-450 is before fragments are put together (-400) and connections are tracked (-200): rules about fragments see them, and an attack fills no table of connections.</remarks>
    [Range(-1000, 1000)]
    public int Priority { get; set; } = -450;

    /// <summary>Network namespace to act in, as ip netns names it; not set: the one that Breakwater was started in. Needs root.</summary>
    public string? Netns { get; set; }

    /// <summary>The program nft: a name, or a path.</summary>
    public string Command { get; set; } = "nft";

    /// <summary>How often counters are read, and the table is compared with what it should be.</summary>
    /// <remarks>2 s: as soon as the effect of a mitigation may be judged.</remarks>
    [Range(typeof(TimeSpan), "00:00:00.2", "00:05:00")]
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long rules act after Breakwater died without a goodbye, where policy.on_death says withdraw; the kernel ends them by itself.</summary>
    /// <remarks>30 s: long enough for a restart, short enough for what nobody watches.</remarks>
    [Range(typeof(TimeSpan), "00:00:03", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one run of nft may take before it is killed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    internal NftHook TableHook => new(Table, Hook, Priority, Devices);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // nft's own rule for names, so that people can type it too.
        if (!TableName().IsMatch(Table)) yield return new ValidationResult("is not a name such as breakwater: a letter, then letters, digits, _ and -", ["table"]);
        if (Netns is { } name && !NamespaceName().IsMatch(name)) yield return new ValidationResult("is not the name of a network namespace", ["netns"]);
        if (Command.Length == 0) yield return new ValidationResult("is empty", ["command"]);
        if (Hook == NftHookPoint.Ingress && Devices.Count == 0) yield return new ValidationResult("are needed for the hook ingress", ["devices"]);
        if (Hook != NftHookPoint.Ingress && Devices.Count > 0) yield return new ValidationResult("mean something only with hook: ingress", ["devices"]);
        if (Devices.Distinct().Count() != Devices.Count) yield return new ValidationResult("name an interface twice", ["devices"]);
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
    private static partial Regex TableName();

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]
    private static partial Regex NamespaceName();
}
