namespace Breakwater.Core.Sharing;

/// <summary>How far a recipient may pass something on: FIRST's Traffic Light Protocol 2.0, from the freest to the strictest.</summary>
public enum Tlp : byte
{
    /// <summary>Anybody may have it.</summary>
    Clear,

    /// <summary>The community, not the public.</summary>
    Green,

    /// <summary>The recipient's organisation and its clients.</summary>
    Amber,

    /// <summary>The recipient's organisation only.</summary>
    AmberStrict,

    /// <summary>The recipient alone.</summary>
    Red,
}

public static class TlpNames
{
    /// <summary>As the standard writes it: <c>TLP:AMBER+STRICT</c>.</summary>
    public static string Label(this Tlp tlp) => tlp switch
    {
        Tlp.Clear => "TLP:CLEAR",
        Tlp.Green => "TLP:GREEN",
        Tlp.Amber => "TLP:AMBER",
        Tlp.AmberStrict => "TLP:AMBER+STRICT",
        Tlp.Red => "TLP:RED",
        _ => throw new ArgumentOutOfRangeException(nameof(tlp)),
    };
}
