namespace Breakwater.Protocols.Dots;

/// <summary>What clients have told over the data channel (RFC 8783), as far as the signal channel refers to it.</summary>
public interface IDotsDirectory
{
    /// <summary>Targets of an alias; null when this client has none of that name.</summary>
    DotsScope? Alias(DotsClientProfile client, string cuid, string name);

    /// <summary>Switches a filter (RFC 9133 §3.2).</summary>
    /// <returns>False when this client has none of that name.</returns>
    bool Switch(DotsClientProfile client, string cuid, DotsFilterSwitch filter);
}
