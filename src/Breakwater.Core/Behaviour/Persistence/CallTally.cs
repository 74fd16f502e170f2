namespace Breakwater.Core.Behaviour.Persistence;

/// <summary>How the calls of one host to one service went, since they have been going on without a long break.</summary>
internal struct CallTally : IHostState
{
    /// <summary>Seconds of the traffic's time, going round.</summary>
    public uint First, Last;

    public int Failed, Answered;

    /// <summary>Short answered calls that said and heard as much as the one that stands for them, and the octets of that one.</summary>
    public int Alike;
    public int Said, Heard;

    /// <summary>Failures and alike calls at which it was last told.</summary>
    public int FailedTold, AlikeTold;

    public readonly int Calls => Failed + Answered;

    public readonly int Worth => Failed;

    public readonly double Hours => unchecked(Last - First) / 3600.0;
}
