using System.ComponentModel.DataAnnotations;
using Breakwater.Core;
using Breakwater.Core.Net;
using Breakwater.Engine.Notification;

namespace Breakwater.Engine.Sharing;

/// <summary>Section <c>feeds</c> of the configuration file: what others know to be bad. It raises suspicion and never blocks by itself.</summary>
[Live]
public sealed class FeedsOptions : IValidatableObject
{
    /// <summary>The feeds, by a name of one's own.</summary>
    [MaxLength(100)]
    public Dictionary<string, FeedOptions> Sources { get; set; } = [];

    /// <summary>Addresses and networks that are never bad, whoever says so.</summary>
    [MaxLength(10_000)]
    public IReadOnlyList<Prefix> Never { get; set; } = [];

    /// <summary>Entries of one feed at most; what is beyond is left out and counted.</summary>
    /// <remarks>The largest public lists hold some hundred thousand. A million costs about 200 MB.</remarks>
    [Range(1_000, 10_000_000)]
    public int MaxEntries { get; set; } = 500_000;

    /// <summary>Longest document that is fetched, in MiB.</summary>
    [Range(1, 1024)]
    public int MaxMebibytes { get; set; } = 64;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var name in Sources.Keys.Where(n => n.Length > 64 || !n.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || n.Length == 0))
            yield return new ValidationResult($"'{name}' is no name: letters, digits, hyphens and underscores, at most 64", [nameof(Sources)]);
    }
}

/// <summary>One of <c>feeds.sources</c>.</summary>
[Live]
public sealed record FeedOptions : IValidatableObject
{
    /// <summary>What it looks like: spamhaus-drop, abuse-ch, plain-list, crowdsec, shadowserver, stix, taxii or misp.</summary>
    [Required, MinLength(1)]
    public string Format { get; set; } = "";

    /// <summary>Where it is fetched; for taxii the collection (ending in <c>/collections/ID/</c>), for misp the folder that holds <c>manifest.json</c>.</summary>
    public string Url { get; set; } = "";

    /// <summary>File that it is read from instead.</summary>
    public string File { get; set; } = "";

    /// <summary>How often it is read.</summary>
    /// <remarks>Providers ask for an hour or more, and bar who asks more often.</remarks>
    [Range(typeof(TimeSpan), "00:05:00", "30.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How often what it says is right, 0 to 1: the weight of its word.</summary>
    /// <remarks>A half until you know better. Two such feeds that agree make three quarters.</remarks>
    [Range(0.0, 1.0)]
    public double Reliability { get; set; } = 0.5;

    /// <summary>How long what it said counts when it can no longer be read.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "90.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(2);

    /// <summary>User name, where it asks for one (HTTP Basic); the key is then the password.</summary>
    public string User { get; set; } = "";

    /// <summary>Header that carries the key, such as <c>X-Api-Key</c> or <c>Authorization</c>; not needed with a user name.</summary>
    public string KeyHeader { get; set; } = "";

    /// <summary>File with the key.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Environment variable with the key, where there is no file.</summary>
    public string KeyVariable { get; set; } = "";

    /// <summary>File with the certificates of those who issue the server's certificate, PEM; empty for the system's.</summary>
    public string AuthorityFile { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Format.Length > 0 && !Composition.Default.Feeds.Contains(Format)) yield return new ValidationResult($"must be one of {string.Join(", ", Composition.Default.Feeds)}", [nameof(Format)]);
        if (Url.Length == 0 == (File.Length == 0)) yield return new ValidationResult("needs a url or a file, and not both", [nameof(Url)]);
        if (Url.Length > 0 && !NotifierTls.IsHttp(Url)) yield return new ValidationResult("must be an http or https address without a user name", [nameof(Url)]);
        if (File.Length > 0 && Format is "taxii" or "misp") yield return new ValidationResult($"{Format} is fetched by its url; a file of indicators has the format stix", [nameof(File)]);
        if (KeyFile.Length > 0 && KeyVariable.Length > 0) yield return new ValidationResult("there is a key_file already: one of them", [nameof(KeyVariable)]);
        var key = KeyFile.Length > 0 || KeyVariable.Length > 0;
        if (key && User.Length == 0 && KeyHeader.Length == 0) yield return new ValidationResult("says where the key goes; or give a user", [nameof(KeyHeader)]);
        if (!key && (User.Length > 0 || KeyHeader.Length > 0)) yield return new ValidationResult("needs key_file or key_variable", [nameof(KeyFile)]);
        if (KeyHeader.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-')) yield return new ValidationResult("is no name of a header", [nameof(KeyHeader)]);
        if (User.Contains(':') || User.Any(char.IsControl)) yield return new ValidationResult("may not hold a colon", [nameof(User)]);
    }
}
