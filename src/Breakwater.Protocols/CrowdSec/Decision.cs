using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Breakwater.Core.Flows;
using Breakwater.Core.Mitigations;
using Breakwater.Core.Net;
using Breakwater.Protocols.Json;

namespace Breakwater.Protocols.CrowdSec;

/// <summary>A decision of CrowdSec's local API: an address or a prefix to ban, and until when.</summary>
/// <param name="Id">What a bouncer knows it by: positive, and small enough for readers that count in doubles.</param>
/// <param name="Source">Whom to ban.</param>
/// <param name="Scenario">Why, in CrowdSec's form: "breakwater/drop".</param>
/// <param name="Until">When it ends by itself.</param>
public sealed record Decision(long Id, Prefix Source, string Scenario, Timestamp Until)
{
    public const string Origin = "breakwater";

    public const string Type = "ban";

    /// <summary>"Ip" or "Range".</summary>
    public string Scope => Source.IsHost ? "Ip" : "Range";

    public string Value => JsonFields.Text(Source);

    /// <summary>A mitigation in force as a decision; null for one that a bouncer cannot hold without banning more than was cleared.</summary>
    /// <remarks>A bouncer bans a source and looks at nothing else: a rule with ports, protocols or the like would become a wider one. What a list of others says is never passed on, nor hosts of our own: they would be banned whatever they talk to.</remarks>
    public static Decision? Of(Mitigation mitigation) =>
        mitigation is { IsWanted: true, Action: MitigationAction.Drop or MitigationAction.Blackhole, Match.Source: { } source } && mitigation.Origin is not (MitigationOrigin.Feed or MitigationOrigin.CallHome) && IsBySourceAlone(mitigation.Match)
            ? new Decision(IdOf(mitigation.Id), source, $"breakwater/{mitigation.Action.Name()}", mitigation.Expires)
            : null;

    public void Write(Utf8JsonWriter json, Timestamp now)
    {
        json.WriteStartObject();
        json.WriteNumber("id", Id);
        json.WriteString("origin", Origin);
        json.WriteString("type", Type);
        json.WriteString("scope", Scope);
        json.WriteString("value", Value);
        // As Go writes durations; negative once it is over, as the local API has it.
        json.WriteString("duration", string.Create(CultureInfo.InvariantCulture, $"{(long)(Until - now).TotalSeconds}s"));
        json.WriteString("scenario", Scenario);
        json.WriteBoolean("simulated", false);
        json.WriteEndObject();
    }

    private static bool IsBySourceAlone(TrafficMatch match) =>
        match.Protocols.Count == 0 && match.SourcePorts.Count == 0 && match.DestinationPorts.Count == 0 && match.IcmpTypes.Count == 0 && match.IcmpCodes.Count == 0
        && match.TcpFlagsMask == 0 && match.PacketLengths.Count == 0 && match.Dscp.Count == 0 && match.Fragment is null;

    private static long IdOf(string id) => (long)(BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(id))) >> 11) | 1;
}
