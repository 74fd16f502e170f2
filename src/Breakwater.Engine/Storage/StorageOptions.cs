using System.ComponentModel.DataAnnotations;

namespace Breakwater.Engine.Storage;

/// <summary>Section <c>storage</c> of the configuration file.</summary>
public sealed class StorageOptions
{
    /// <summary>Folder of the database. Made when it is missing, readable by its owner only.</summary>
    [Required, MinLength(1)]
    public string Path { get; set; } = "./data";

    /// <summary>How long ended incidents and their evidence are kept.</summary>
    /// <remarks>Thirteen months: this year's attack can be laid beside last year's.</remarks>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan IncidentRetention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How long the traffic of each minute is kept, and exporters that went silent.</summary>
    /// <remarks>A baseline by hour of week needs about eight weeks; a host group costs about 100 MiB in 90 days.</remarks>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan RollupRetention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Page cache of the database, in MiB; as much again is allowed for readers.</summary>
    /// <remarks>The lists that people open fit in a few MiB; the file cache of the system does the rest.</remarks>
    [Range(1, 4096)]
    public int CacheMebibytes { get; set; } = 8;
}
