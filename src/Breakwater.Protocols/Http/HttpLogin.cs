using System.Text;
using Breakwater.Core.Behaviour.Payload;

namespace Breakwater.Protocols.Http;

/// <summary>Finds the name and password in an HTTP/1.1 request: in the field <c>Authorization</c>, in a form, or among a question's parameters.</summary>
/// <remarks>RFC 9110 §11.6.2; schemes Basic (RFC 7617) and Digest (RFC 7616). Tokens of programs (Bearer) and handshakes in which 401 is a step (NTLM, Negotiate) are not passwords.</remarks>
public static class HttpLogin
{
    private const int MaxFields = 64;

    /// <summary>What a field for a password is called, from its second letter on, with what follows its name in a form, in a form of nested names, encoded or not, and in JSON.</summary>
    private static readonly byte[][] PasswordFields =
        [.. new[] { "assword=", "assword]=", "assword%5D=", "assword%5d=", "assword\":", "asswd=", "asswd\":", "pwd=", "pwd\":", "&pass=", "_pass=" }.Select(Encoding.ASCII.GetBytes)];

    /// <summary>What the pages are called to which one brings a password.</summary>
    private static readonly byte[][] LoginPages =
        [.. new[] { "login", "logon", "signin", "sign-in", "sign_in", "authenticate", "j_security_check", "xmlrpc.php" }.Select(Encoding.ASCII.GetBytes)];

    /// <param name="message">From the first octet of the request, as far as it was captured.</param>
    public static bool TryRead(ReadOnlySpan<byte> message, out WebLogin login)
    {
        login = default;
        if (!HttpHead.TryRead(message, out var head) || head.IsResponse) return false;
        var end = message.IndexOf((byte)'\n');
        var rest = end < 0 ? default : message[(end + 1)..];
        if (TryAuthorization(ref rest, out login)) return true;
        var mark = head.Target.IndexOf((byte)'?');
        ulong credentials;
        if (head.Method.SequenceEqual("POST"u8))
        {
            // What is left is the body.
            if (!TryField(rest, out credentials))
            {
                if (!IsLoginPage(mark < 0 ? head.Target : head.Target[..mark])) return false;
                credentials = rest.IsEmpty ? 0 : Hash(rest);
            }
        }
        else if (mark < 0 || !head.Method.SequenceEqual("GET"u8) || !TryField(head.Target[(mark + 1)..], out credentials)) return false;
        login = new WebLogin(WebLoginKind.Form, credentials);
        return true;
    }

    /// <summary>Goes through the header fields.</summary>
    /// <param name="rest">Header fields and body; what is left after the header fields is the body.</param>
    private static bool TryAuthorization(ref ReadOnlySpan<byte> rest, out WebLogin login)
    {
        login = default;
        for (var field = 0; field < MaxFields && rest.Length > 0; field++)
        {
            var end = rest.IndexOf((byte)'\n');
            // A field that was cut off is not known.
            if (end < 0) break;
            var line = rest[..end].TrimEnd((byte)'\r');
            rest = rest[(end + 1)..];
            if (line.IsEmpty) return false;
            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || !Ascii.EqualsIgnoreCase(line[..colon], "authorization"u8)) continue;
            var value = line[(colon + 1)..].Trim(" \t"u8);
            var space = value.IndexOf((byte)' ');
            if (space <= 0 || !(Ascii.EqualsIgnoreCase(value[..space], "basic"u8) || Ascii.EqualsIgnoreCase(value[..space], "digest"u8))) continue;
            login = new WebLogin(WebLoginKind.Authorization, Hash(value[(space + 1)..]));
            return true;
        }
        rest = default;
        return false;
    }

    /// <summary>The password among the fields of a form, and the field before it, which is the name as a rule.</summary>
    /// <remarks>What else is there may change with every request of a program that has one password.</remarks>
    private static bool TryField(ReadOnlySpan<byte> form, out ulong credentials)
    {
        credentials = 0;
        foreach (var name in PasswordFields)
        {
            var at = form.IndexOf(name);
            if (at < 0) continue;
            var before = form[..(at + 1)].LastIndexOfAny((byte)'&', (byte)',');
            var from = before > 0 ? form[..before].LastIndexOfAny((byte)'&', (byte)',') + 1 : 0;
            var length = form[(at + name.Length)..].IndexOfAny((byte)'&', (byte)',', (byte)'}');
            credentials = Hash(length < 0 ? form[from..] : form[from..(at + name.Length + length)]);
            return true;
        }
        return false;
    }

    private static bool IsLoginPage(ReadOnlySpan<byte> path)
    {
        foreach (var page in LoginPages)
            for (var at = 0; at + page.Length <= path.Length; at++)
                if (Ascii.EqualsIgnoreCase(path.Slice(at, page.Length), page)) return true;
        return false;
    }

    /// <summary>FNV-1a: equal passwords give equal hashes; never 0.</summary>
    private static ulong Hash(ReadOnlySpan<byte> data)
    {
        var hash = 14_695_981_039_346_656_037;
        foreach (var octet in data) hash = (hash ^ octet) * 1_099_511_628_211;
        return hash | 1;
    }
}
