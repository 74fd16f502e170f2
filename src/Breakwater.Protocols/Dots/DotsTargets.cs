using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;

namespace Breakwater.Protocols.Dots;

/// <summary>From what a request names to prefixes, and whether the client may name them.</summary>
/// <remarks>RFC 9132 §4.4.1.1 and §4.4.1.3; RFC 9066 §5.3.1.</remarks>
internal static class DotsTargets
{
    /// <summary>Loopback, multicast, limited broadcast: invalid as a target or source.</summary>
    private static readonly Prefix[] Invalid =
        [Prefix.Parse("127.0.0.0/8"), Prefix.Parse("::1/128"), .. Bogons.MulticastAndBroadcast];

    /// <summary>Reads a request's one scope as a client may send it.</summary>
    /// <returns>Null with the problem when it may not.</returns>
    public static DotsScope? Accept(IReadOnlyList<DotsScope> scopes, bool callHome, out string? problem)
    {
        problem = null;
        if (scopes is not [var scope]) problem = "a request has exactly one scope";
        else if (scope.Mid is not null || scope.Status is not null || scope.MitigationStart is not null || scope.Conflict is not null
            || scope.BytesDropped is not null || scope.BytesPerSecondDropped is not null || scope.PacketsDropped is not null || scope.PacketsPerSecondDropped is not null)
            problem = "the body holds what only a server says";
        else if (scope.TargetPrefixes.Count + scope.TargetFqdns.Count + scope.TargetUris.Count + scope.Aliases.Count == 0)
            problem = "one of target-prefix, target-fqdn, target-uri and alias-name is needed";
        else if (scope.Lifetime == 0) problem = "a lifetime of 0 is invalid";
        else if (scope.Lifetime is null && scope.AttackStatus is null) problem = "lifetime is missing";
        else if (callHome && !scope.TriggerMitigation) problem = "trigger-mitigation must not be false in Call Home";
        else if (callHome && scope.SourcePrefixes.Count == 0) problem = "source-prefix is missing";
        else return scope;
        return null;
    }

    /// <summary>The scope with the targets of its aliases, names and URIs as prefixes, ports and protocols.</summary>
    public static DotsScope? Resolve(DotsScope scope, DotsClientProfile client, string cuid, IDotsDirectory directory, out string? problem)
    {
        problem = null;
        var prefixes = scope.TargetPrefixes.ToList();
        var ports = scope.TargetPorts.ToList();
        var protocols = scope.TargetProtocols.ToList();
        foreach (var name in scope.Aliases)
        {
            if (directory.Alias(client, cuid, name) is not { } alias)
            {
                problem = $"there is no alias '{name}'";
                return null;
            }
            prefixes.AddRange(alias.TargetPrefixes);
            ports.AddRange(alias.TargetPorts);
            protocols.AddRange(alias.TargetProtocols);
            foreach (var host in alias.TargetFqdns)
                if (!AddHost(client, host, prefixes, ref problem)) return null;
            foreach (var uri in alias.TargetUris)
                if (!AddUri(client, uri, prefixes, ports, protocols, ref problem)) return null;
        }
        // In Call Home names are there for people to read (RFC 9066 §5.3.1).
        if (!client.CallHome)
        {
            foreach (var host in scope.TargetFqdns)
                if (!AddHost(client, host, prefixes, ref problem)) return null;
            foreach (var uri in scope.TargetUris)
                if (!AddUri(client, uri, prefixes, ports, protocols, ref problem)) return null;
        }
        return scope with { TargetPrefixes = [.. prefixes.Distinct()], TargetPorts = [.. ports.Distinct()], TargetProtocols = [.. protocols.Distinct()] };
    }

    /// <summary>Why the client may not ask for this; null when it may.</summary>
    public static string? Refuses(DotsScope resolved, DotsClientProfile client)
    {
        foreach (var prefix in resolved.TargetPrefixes.Concat(resolved.SourcePrefixes))
            if (Invalid.Any(bad => bad.Contains(prefix) || prefix.Contains(bad) && bad.IsV4 == prefix.IsV4 && prefix.Length > 0)) return $"{prefix} is loopback, multicast or broadcast";
        foreach (var prefix in client.CallHome ? resolved.SourcePrefixes : resolved.TargetPrefixes)
            if (!client.Prefixes.Any(own => own.Contains(prefix))) return $"{prefix} is not within the prefixes of this client";
        return null;
    }

    private static bool AddHost(DotsClientProfile client, string host, List<Prefix> prefixes, ref string? problem)
    {
        if (client.Hosts.TryGetValue(host.TrimEnd('.').ToLowerInvariant(), out var addresses)) prefixes.AddRange(addresses);
        else problem = $"no addresses are known for {host}";
        return problem is null;
    }

    private static bool AddUri(DotsClientProfile client, string text, List<Prefix> prefixes, List<ValueRange> ports, List<byte> protocols, ref string? problem)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            problem = $"'{text}' is not a URI with a host";
            return false;
        }
        if (IpAddr.TryParse(uri.Host.Trim('[', ']'), out var address)) prefixes.Add(new Prefix(address, address.Bits));
        else if (!AddHost(client, uri.Host, prefixes, ref problem)) return false;
        if (uri.Port > 0) ports.Add(uri.Port);
        protocols.Add(uri.Scheme is "coap" or "coaps" or "sip" or "dns" ? (byte)17 : (byte)6);
        return true;
    }
}
