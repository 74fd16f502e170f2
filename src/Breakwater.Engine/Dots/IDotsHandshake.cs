namespace Breakwater.Engine.Dots;

/// <summary>What our end of a TLS or DTLS session knows of the other.</summary>
internal interface IDotsHandshake
{
    /// <summary>True once both ends have proved who they are.</summary>
    bool IsComplete { get; }

    /// <summary>The other end has said that it will send nothing more: good-bye, not loss.</summary>
    bool SaidGoodBye { get; }
}
