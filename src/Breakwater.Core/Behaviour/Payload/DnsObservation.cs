using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Payload;

/// <summary>One DNS query, or one response with what its answers hold as far as they were captured.</summary>
public readonly ref struct DnsObservation
{
    /// <summary>Who asked.</summary>
    public required IpAddr Client { get; init; }

    /// <summary>Who was asked: a resolver or an authoritative server.</summary>
    public required IpAddr Server { get; init; }

    public required bool IsResponse { get; init; }

    /// <summary>Response code, extended by EDNS where there is one (RFC 6891 §6.1.3); see <see cref="DnsNames"/>. 0 in queries.</summary>
    public ushort ResponseCode { get; init; }

    /// <summary>Type of the first question (1 A, 16 TXT, 28 AAAA, …).</summary>
    public required ushort QuestionType { get; init; }

    /// <summary>Name of the first question: lower case, labels separated by dots, none at the end; at most 253 octets, any of them possible.</summary>
    public required ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Answer records that could be read.</summary>
    public int Answers { get; init; }

    /// <summary>Addresses of the answers (A and AAAA), at most 16.</summary>
    public ReadOnlySpan<IpAddr> Addresses { get; init; }

    /// <summary>Content of TXT and NULL answers one after the other, at most 1,024 octets of it.</summary>
    public ReadOnlySpan<byte> Text { get; init; }

    /// <summary>Smallest time to live of the answers, seconds; 0 without answers.</summary>
    public uint TimeToLive { get; init; }

    /// <summary>Octets of the whole DNS message as far as captured.</summary>
    public int Length { get; init; }
}
