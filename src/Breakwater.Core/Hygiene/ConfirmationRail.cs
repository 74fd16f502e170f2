using Breakwater.Core.Behaviour.Exposure;
using Breakwater.Core.Detection;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Hygiene;

/// <summary>Whom Breakwater may ask whether it is a reflector. The last thing before the socket: nothing is sent that it refuses.</summary>
public static class ConfirmationRail
{
    /// <summary>The services that an incident suspects, by port.</summary>
    public static IEnumerable<ushort> Suspected(Incident incident) =>
        incident is not { Kind: IncidentKind.Reflector, Host: not null } || incident.State == IncidentState.Ended
            ? []
            : incident.Findings.SelectMany(f => f.Inputs).Where(i => i.Key == "port" && i.Value is > 0 and <= ushort.MaxValue).Select(i => (ushort)i.Value).Distinct();

    /// <returns>Why it may not be asked; null where it may.</returns>
    public static string? Refuses(in IpAddr host, ushort port, HomeNetwork home, ReflectorOptions options)
    {
        if (ReflectorQuestions.At(port) is not { } question) return $"there is no harmless question for port {port}";
        if (!options.Confirm.Contains(question)) return $"behaviour.reflector.confirm does not list {question}";
        if (home.IsInferred) return "home is guessed";
        if (home.GroupOf(host) < 0) return $"{host} is not within home";
        if (host.IsNone || Bogons.IsMulticastOrBroadcast(host) || Bogons.Contains(host)) return $"{host} is no host";
        return null;
    }
}
