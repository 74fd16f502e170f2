using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Dots;

/// <summary>What we want a server to do, and how far it got with that.</summary>
/// <param name="Id">Ours, stable.</param>
/// <param name="Scope">Without lifetime; that is the client's.</param>
public sealed record DotsWish(string Id, DotsScope Scope);

/// <summary>How a wish stands.</summary>
public enum DotsWishState : byte
{
    /// <summary>Asked, or about to ask.</summary>
    Asking,

    /// <summary>The server has granted it.</summary>
    Granted,

    /// <summary>The server said no; it is asked again after a while.</summary>
    Refused,

    /// <summary>Being withdrawn.</summary>
    Withdrawing,
}

/// <summary>A wish with its progress, as the client tells it.</summary>
/// <param name="Shown">What the server last said of it; null before.</param>
/// <param name="Problem">Why it was refused.</param>
public sealed record DotsWishStatus(string Id, uint Mid, DotsWishState State, DotsScope? Shown, string Problem);

/// <summary>A wish on its way through the protocol.</summary>
internal sealed class DotsErrand(string id, uint mid, DotsScope scope)
{
    public string Id { get; } = id;
    public uint Mid { get; set; } = mid;
    public DotsScope Scope { get; } = scope;
    public DotsWishState State { get; set; } = DotsWishState.Asking;

    /// <summary>When to say something to the server about it.</summary>
    public Timestamp Due { get; set; } = Timestamp.Min;

    /// <summary>A message about it is unanswered.</summary>
    public bool IsUnderWay { get; set; }
    public DotsScope? Shown { get; set; }
    public string Problem { get; set; } = "";

    public DotsWishStatus ToStatus() => new(Id, Mid, State, Shown, Problem);
}
