namespace Breakwater.Engine.Mitigations.Nftables;

/// <summary>How a run of nft ended. A metric label; closed list.</summary>
internal enum NftOutcome : byte
{
    Done,

    /// <summary>The program is not there, or may not be run.</summary>
    Missing,

    /// <summary>It said no; nothing was changed.</summary>
    Refused,

    /// <summary>It took too long and was killed.</summary>
    TimedOut,

    /// <summary>It said what we cannot read.</summary>
    Unreadable,
}

/// <param name="Output">What it wrote; empty unless <see cref="NftOutcome.Done"/>.</param>
/// <param name="Problem">What went wrong, in one line; "" for <see cref="NftOutcome.Done"/>.</param>
internal readonly record struct NftAnswer(NftOutcome Outcome, ReadOnlyMemory<byte> Output, string Problem)
{
    public bool IsDone => Outcome == NftOutcome.Done;
}
