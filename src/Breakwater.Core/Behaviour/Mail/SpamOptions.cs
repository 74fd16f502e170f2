using System.ComponentModel.DataAnnotations;

namespace Breakwater.Core.Behaviour.Mail;

/// <summary>Section <c>behaviour.spam</c>: hosts that deliver mail to many servers.</summary>
public sealed class SpamOptions
{
    /// <summary>Distinct mail servers in ten minutes that make a spam run.</summary>
    /// <remarks>People's machines speak with one, their provider's; a mail server that only sends needs an exception.</remarks>
    [Live]
    [Range(2, 100_000)]
    public int Servers { get; set; } = 20;
}
