using System.ComponentModel.DataAnnotations;

namespace Breakwater.Core.Behaviour.Exposure;

/// <summary>Section <c>behaviour.reflector</c>: hosts of ours that others can use to amplify attacks.</summary>
public sealed class ReflectorOptions
{
    /// <summary>Addresses elsewhere that are answered within ten minutes before a service counts as open to everybody.</summary>
    [Range(2, 1_000)]
    public int Clients { get; set; } = 20;

    /// <summary>Octets of answers for each octet asked with, from which a service amplifies.</summary>
    /// <remarks>As in NEMEA's detector. Time servers and game servers that behave answer about as much as they are asked.</remarks>
    [Live]
    [Range(1, 100_000)]
    public double Ratio { get; set; } = 5;

    /// <summary>Services (host and port) looked at at the same time; those quiet for longest make room.</summary>
    /// <remarks>About 1 KiB each.</remarks>
    [Range(16, 1_000_000)]
    public int MaxServices { get; set; } = 4_096;
}
