using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Breakwater.Core.Mitigations;
using Breakwater.Server.Configuration;

namespace Breakwater.Server.Cli;

/// <summary>The options that say a rule, the same wherever one can be typed. What comes of them is judged where they are sent to.</summary>
internal sealed class RuleArguments
{
    private static readonly Dictionary<string, int> ProtocolNumbers = new(StringComparer.OrdinalIgnoreCase)
    { ["icmp"] = 1, ["tcp"] = 6, ["udp"] = 17, ["gre"] = 47, ["esp"] = 50, ["icmpv6"] = 58, ["sctp"] = 132 };

    /// <summary>TCP header, octet 13 (RFC 9293 §3.1).</summary>
    private static readonly Dictionary<string, int> FlagBits = new(StringComparer.OrdinalIgnoreCase)
    { ["fin"] = 1, ["syn"] = 2, ["rst"] = 4, ["psh"] = 8, ["ack"] = 16, ["urg"] = 32, ["ece"] = 64, ["cwr"] = 128 };

    private readonly Option<string?> _to = Text("--to", "Destination: an address or a prefix of ours.", "PREFIX");
    private readonly Option<string?> _from = Text("--from", "Source.", "PREFIX");
    private readonly Option<string?> _protocol = Text("--protocol", "Protocols, by name or number, separated by commas.", "LIST");
    private readonly Option<string?> _fromPort = Text("--from-port", "Source ports: 53,123 or 1024-65535.", "RANGES");
    private readonly Option<string?> _toPort = Text("--to-port", "Destination ports.", "RANGES");
    private readonly Option<string?> _icmpType = Text("--icmp-type", "ICMP types.", "RANGES");
    private readonly Option<string?> _icmpCode = Text("--icmp-code", "ICMP codes.", "RANGES");
    private readonly Option<string?> _tcpFlags = Text("--tcp-flags", "TCP flags that must be set, after a slash those that are looked at: syn/syn,ack.", "FLAGS");
    private readonly Option<string?> _length = Text("--length", "Lengths of the IP packet, in octets.", "RANGES");
    private readonly Option<string?> _dscp = Text("--dscp", "DSCP values.", "RANGES");
    private readonly Option<bool?> _fragments = new("--fragments") { Description = "Only fragments; with 'false' everything but fragments." };
    private readonly Option<string?> _action = Text("--action", "rate-limit, drop, divert or blackhole.", "ACTION");
    private readonly Option<string?> _rate = Text("--rate", "What a rate limit lets through, in bits per second: 1M.", "RATE");
    private readonly Option<string?> _packetRate = Text("--packet-rate", "The same in packets per second.", "RATE");
    private readonly Option<string?> _divertTo = Text("--divert-to", "Name of one of mitigation.divert_targets.", "NAME");
    private readonly Option<string?> _lifetime = Text("--for", "How long: 10m. Without it, as the policy has it.", "DURATION");
    private readonly Option<string?> _incident = Text("--incident", "Identifier of the incident that it is about.", "ID");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_to, _from, _protocol, _fromPort, _toPort, _icmpType, _icmpCode, _tcpFlags, _length, _dscp, _fragments, _action, _rate, _packetRate, _divertTo, _lifetime, _incident])
            command.Add(option);
    }

    /// <summary>True when a rule was typed at all.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_to) is not null || parsed.GetValue(_from) is not null || parsed.GetValue(_protocol) is not null;

    /// <summary>The request as the API takes it.</summary>
    /// <exception cref="CommandFailedException">Something cannot be read.</exception>
    public JsonObject Read(ParseResult parsed, string? why)
    {
        var match = new JsonObject();
        Set(match, "destination", parsed.GetValue(_to));
        Set(match, "source", parsed.GetValue(_from));
        if (parsed.GetValue(_protocol) is { } protocols) match["protocols"] = new JsonArray([.. Split(protocols).Select(p => (JsonNode)Protocol(p))]);
        SetRanges(match, "sourcePorts", _fromPort, parsed);
        SetRanges(match, "destinationPorts", _toPort, parsed);
        SetRanges(match, "icmpTypes", _icmpType, parsed);
        SetRanges(match, "icmpCodes", _icmpCode, parsed);
        SetRanges(match, "packetLengths", _length, parsed);
        SetRanges(match, "dscp", _dscp, parsed);
        if (parsed.GetValue(_tcpFlags) is { } flags)
        {
            var halves = flags.Split('/', 2);
            var value = Flags(halves[0]);
            match["tcpFlags"] = new JsonObject { ["value"] = value, ["mask"] = halves.Length > 1 ? Flags(halves[1]) : value };
        }
        if (parsed.GetValue(_fragments) is { } fragments) match["fragment"] = fragments;

        var request = new JsonObject { ["match"] = match, ["action"] = parsed.GetValue(_action) ?? MitigationAction.Drop.Name() };
        if (parsed.GetValue(_rate) is { } rate) request["rateBitsPerSecond"] = Number<double>("--rate", rate);
        if (parsed.GetValue(_packetRate) is { } packetRate) request["ratePacketsPerSecond"] = Number<double>("--packet-rate", packetRate);
        Set(request, "divertTo", parsed.GetValue(_divertTo));
        if (parsed.GetValue(_lifetime) is { } lifetime) request["lifetimeSeconds"] = Number<TimeSpan>("--for", lifetime).TotalSeconds;
        Set(request, "incident", parsed.GetValue(_incident));
        Set(request, "reason", why);
        return request;
    }

    private static Option<string?> Text(string name, string description, string helpName) => new(name) { Description = description, HelpName = helpName };

    private static void Set(JsonObject json, string name, string? value)
    {
        if (value is not null) json[name] = value;
    }

    private static void SetRanges(JsonObject match, string name, Option<string?> option, ParseResult parsed)
    {
        if (parsed.GetValue(option) is not { } text) return;
        match[name] = new JsonArray([.. Split(text).Select(r => (JsonNode)Range(option.Name, r))]);
    }

    private static JsonObject Range(string option, string text)
    {
        var ends = text.Split('-', 2);
        return int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var from) && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var to)
            ? new JsonObject { ["from"] = from, ["to"] = to }
            : throw new CommandFailedException($"{option}: '{text}' is not a number or a range such as 1024-65535", ExitCode.Usage);
    }

    private static int Protocol(string text) =>
        ProtocolNumbers.TryGetValue(text, out var number) || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            ? number
            : throw new CommandFailedException($"--protocol: '{text}' is not one of {string.Join(", ", ProtocolNumbers.Keys)}, or a number", ExitCode.Usage);

    private static int Flags(string text) => Split(text).Aggregate(0, (bits, name) => FlagBits.TryGetValue(name, out var bit)
        ? bits | bit
        : throw new CommandFailedException($"--tcp-flags: '{name}' is not one of {string.Join(", ", FlagBits.Keys)}", ExitCode.Usage));

    private static T Number<T>(string option, string text) =>
        ScalarValues.Read(typeof(T), text, out var value) is { } wrong ? throw new CommandFailedException($"{option}: {wrong}", ExitCode.Usage) : (T)value!;

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
