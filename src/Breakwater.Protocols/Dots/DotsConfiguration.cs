using System.Globalization;
using System.Text.Json.Nodes;
using Breakwater.Protocols.Coap;

namespace Breakwater.Protocols.Dots;

/// <summary>How a session behaves while idle, or while a mitigation is in force.</summary>
/// <remarks>RFC 9132 §4.5.1, with the defaults of §4.5.2.</remarks>
public sealed record DotsConfiguration
{
    /// <summary>Seconds between two heartbeats of one end; 0 for none.</summary>
    public int HeartbeatInterval { get; init; } = 30;

    /// <summary>Heartbeats that may go unanswered before the session counts as lost.</summary>
    public int MissingHeartbeatsAllowed { get; init; } = 15;

    /// <summary>Octets per second to a peer that does not respond.</summary>
    public int ProbingRate { get; init; } = 5;
    public int MaxRetransmit { get; init; } = 3;

    /// <summary>Hundredths of a second.</summary>
    public int AckTimeout { get; init; } = 200;

    /// <summary>Hundredths.</summary>
    public int AckRandomFactor { get; init; } = 150;

    /// <summary>The smallest values that a server takes unless configured otherwise; a heartbeat interval of 0 beside them.</summary>
    public static DotsConfiguration Minimum { get; } = new()
    {
        HeartbeatInterval = 15,
        MissingHeartbeatsAllowed = 3,
        ProbingRate = 5,
        MaxRetransmit = 2,
        AckTimeout = 100,
        AckRandomFactor = 110,
    };

    /// <summary>The largest values that this server takes.</summary>
    public static DotsConfiguration Maximum { get; } = new()
    {
        HeartbeatInterval = 240,
        MissingHeartbeatsAllowed = 20,
        ProbingRate = 20,
        MaxRetransmit = 15,
        AckTimeout = 3000,
        AckRandomFactor = 400,
    };

    public CoapTransmission Transmission => new()
    {
        AckTimeout = TimeSpan.FromMilliseconds(AckTimeout * 10),
        AckRandomFactor = AckRandomFactor / 100.0,
        MaxRetransmit = MaxRetransmit,
    };

    /// <summary>After so long without a word from the peer the session is lost (RFC 9132 §4.7); null without heartbeats.</summary>
    public TimeSpan? SilenceAllowed => HeartbeatInterval == 0 ? null : TimeSpan.FromSeconds(HeartbeatInterval) * (MissingHeartbeatsAllowed + 1);

    internal bool IsWithin(DotsConfiguration minimum, DotsConfiguration maximum) =>
        (HeartbeatInterval == 0 || In(HeartbeatInterval, minimum.HeartbeatInterval, maximum.HeartbeatInterval))
        && In(MissingHeartbeatsAllowed, minimum.MissingHeartbeatsAllowed, maximum.MissingHeartbeatsAllowed)
        && In(ProbingRate, minimum.ProbingRate, maximum.ProbingRate)
        && In(MaxRetransmit, minimum.MaxRetransmit, maximum.MaxRetransmit)
        && In(AckTimeout, minimum.AckTimeout, maximum.AckTimeout)
        && In(AckRandomFactor, minimum.AckRandomFactor, maximum.AckRandomFactor);

    private static bool In(int value, int from, int to) => value >= from && value <= to;
}

/// <summary>Both configurations of a session.</summary>
public sealed record DotsSessionConfiguration(DotsConfiguration Mitigating, DotsConfiguration Idle);

/// <summary>Session configuration as the body of a message, in both directions.</summary>
public static class DotsConfigurationJson
{
    public const string Container = "ietf-dots-signal-channel:signal-config";

    /// <summary>RFC 9132 figure 20: current values with what is acceptable.</summary>
    public static JsonObject Body(DotsSessionConfiguration configuration, DotsConfiguration minimum, DotsConfiguration maximum) => new()
    {
        [Container] = new JsonObject { ["mitigating-config"] = Write(configuration.Mitigating, minimum, maximum), ["idle-config"] = Write(configuration.Idle, minimum, maximum) },
    };

    /// <summary>RFC 9132 figure 22: the values that a client wishes.</summary>
    public static JsonObject Body(DotsSessionConfiguration configuration) =>
        new() { [Container] = new JsonObject { ["mitigating-config"] = Write(configuration.Mitigating, null, null), ["idle-config"] = Write(configuration.Idle, null, null) } };

    /// <summary>Reads current values.</summary>
    /// <param name="defaults">What is not in the body.</param>
    /// <param name="problem">Null when the body can be read.</param>
    public static DotsSessionConfiguration Read(JsonObject body, DotsConfiguration defaults, out string? problem)
    {
        problem = null;
        var found = 0;
        if (body.Count != 1 || body[Container] is not JsonObject container) problem = $"the body must be {Container}";
        else
        {
            foreach (var (name, _) in container)
                if (name is not ("mitigating-config" or "idle-config")) problem ??= $"{name} does not belong here";
            var result = new DotsSessionConfiguration(
                Read(container["mitigating-config"] as JsonObject, defaults, ref found, ref problem),
                Read(container["idle-config"] as JsonObject, defaults, ref found, ref problem));
            if (found == 0) problem ??= "no attribute is given";
            if (problem is null) return result;
        }
        return new DotsSessionConfiguration(defaults, defaults);
    }

    private static JsonObject Write(DotsConfiguration current, DotsConfiguration? minimum, DotsConfiguration? maximum)
    {
        return new JsonObject
        {
            ["heartbeat-interval"] = Whole(c => c.HeartbeatInterval),
            ["missing-hb-allowed"] = Whole(c => c.MissingHeartbeatsAllowed),
            ["probing-rate"] = Whole(c => c.ProbingRate),
            ["max-retransmit"] = Whole(c => c.MaxRetransmit),
            ["ack-timeout"] = Fraction(c => c.AckTimeout),
            ["ack-random-factor"] = Fraction(c => c.AckRandomFactor),
        };

        JsonObject Whole(Func<DotsConfiguration, int> value) => Triple("", c => JsonValue.Create((long)value(c)));
        JsonObject Fraction(Func<DotsConfiguration, int> value) =>
            Triple("-decimal", c => JsonValue.Create((value(c) / 100m).ToString("0.00", CultureInfo.InvariantCulture)));

        JsonObject Triple(string suffix, Func<DotsConfiguration, JsonNode> value)
        {
            var json = new JsonObject();
            if (maximum is not null) json["max-value" + suffix] = value(maximum);
            if (minimum is not null) json["min-value" + suffix] = value(minimum);
            json["current-value" + suffix] = value(current);
            return json;
        }
    }

    private static DotsConfiguration Read(JsonObject? json, DotsConfiguration defaults, ref int found, ref string? problem)
    {
        var read = defaults;
        foreach (var (name, value) in json ?? [])
        {
            var decimals = name is "ack-timeout" or "ack-random-factor";
            if (value is not JsonObject attribute || attribute[decimals ? "current-value-decimal" : "current-value"] is not JsonValue current)
            {
                problem ??= $"{name} has no current value";
                continue;
            }
            found++;
            var number = decimals
                ? (int)Math.Min(int.MaxValue, decimal.Parse((string)current!, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * 100)
                : (int)Math.Min(int.MaxValue, (long)current);
            read = name switch
            {
                "heartbeat-interval" => read with { HeartbeatInterval = number },
                "missing-hb-allowed" => read with { MissingHeartbeatsAllowed = number },
                "probing-rate" => read with { ProbingRate = number },
                "max-retransmit" => read with { MaxRetransmit = number },
                "ack-timeout" => read with { AckTimeout = number },
                "ack-random-factor" => read with { AckRandomFactor = number },
                _ => Unknown(read, name, ref problem),
            };
        }
        return read;
    }

    private static DotsConfiguration Unknown(DotsConfiguration read, string name, ref string? problem)
    {
        problem ??= $"{name} does not belong here";
        return read;
    }
}
