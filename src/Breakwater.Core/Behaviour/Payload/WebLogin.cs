namespace Breakwater.Core.Behaviour.Payload;

/// <summary>A web request that says who one is, in clear. The flow's source is the client.</summary>
/// <param name="Kind">How it says so.</param>
/// <param name="Credentials">A hash of what was presented, as far as it was captured; 0 when it was not: two that are equal are the same password again.</param>
public readonly record struct WebLogin(WebLoginKind Kind, ulong Credentials);

/// <summary>How a web request says who one is.</summary>
public enum WebLoginKind : byte
{
    /// <summary>Field <c>Authorization</c> with scheme Basic (RFC 7617) or Digest (RFC 7616): the server says 401 to what is wrong.</summary>
    Authorization = 1,

    /// <summary>A form, or a question's parameters: what the server says to what is wrong is its own affair.</summary>
    Form,
}

/// <summary>The beginning of a web server's answer. The flow's source is the server.</summary>
/// <param name="Status">RFC 9110 §15.</param>
/// <param name="Length">Octets of the packet that it begins.</param>
public readonly record struct WebAnswer(int Status, int Length);
