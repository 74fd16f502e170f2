namespace Breakwater.Core.Behaviour.Spoofing;

/// <summary>What is wrong with a source address at an interface.</summary>
/// <remarks>BCP 38 (RFC 2827), BCP 84 (RFC 3704, RFC 8704).</remarks>
internal enum SourceClass : byte
{
    /// <summary>It belongs there, or says nothing: errors of routers on the way bear whatever addresses those have.</summary>
    Fine,

    /// <summary>Special-purpose space that nobody sends from (RFC 6890).</summary>
    Bogon,

    /// <summary>Private space that is not assigned there: what a translator let through, or forged.</summary>
    Private,

    /// <summary>Nobody's address: no prefix of the Internet's table holds it. Known where there is such a table.</summary>
    Unrouted,

    /// <summary>Somebody else's address.</summary>
    NotAllowed,

    /// <summary>Our own address, from outside.</summary>
    OwnFromOutside,
}
