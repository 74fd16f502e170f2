using System.Globalization;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Exposure;

/// <summary>Finds services of ours that answered somebody elsewhere and should not have been reached: Telnet, UPnP, memcached …</summary>
/// <remarks>One answer is proof that it is reachable, and no reproach to the host's owner: of low severity.</remarks>
public sealed class ExposureBehaviour(HomeNetwork home) : IBehaviour
{
    /// <summary>Services remembered, so that each is told once in a while only; all are forgotten when there are more.</summary>
    private const int MaxKnown = 65_536;

    /// <summary>Exposed services told within one hour; a network that is open as a whole is one fact, not ten thousand.</summary>
    private const int MaxAnHour = 1_000;

    private static readonly TimeSpan Again = TimeSpan.FromDays(1);

    private readonly Dictionary<(IpAddr Host, byte Protocol, ushort Port), Timestamp> _told = [];
    private readonly List<Sign> _signs = [];
    private Timestamp _hour = Timestamp.Min;
    private int _thisHour;

    public string Name => "exposure";
    public ContactEvents Wants => ContactEvents.Answered;
    public int WorksTo => 100;

    public void Answered(in Contact contact)
    {
        // Where home was guessed, whose service it is was guessed as well.
        if (!contact.IsInbound || contact.State != ContactState.Answered || home.IsInferred) return;
        if ((contact.Marks & ContactMarks.Midstream) != 0 || ExposedServices.At(contact.Protocol, contact.ServicePort) is not { } service) return;
        // Local names of the network that we stand in are nobody's outside.
        if (Bogons.IsLocal(contact.Initiator) || Bogons.IsMulticastOrBroadcast(contact.Responder)) return;
        var key = (contact.Responder, contact.Protocol, contact.ServicePort);
        if (_told.TryGetValue(key, out var told) && contact.Last - told < Again) return;
        if (_told.Count >= MaxKnown) _told.Clear();
        if (contact.Last - _hour >= TimeSpan.FromHours(1)) (_hour, _thisHour) = (contact.Last, 0);
        if (_thisHour >= MaxAnHour) return;
        _thisHour++;
        _told[key] = contact.Last;
        _signs.Add(Say(contact, service));
    }

    public void Tick(Timestamp now, ISignSink signs) => _signs.TellTo(signs);

    private Sign Say(in Contact contact, ExposedService service)
    {
        var protocol = contact.IsTcp ? "TCP" : "UDP";
        return new Sign
        {
            Behaviour = Name,
            Name = SignNames.ExposedService,
            // Both protocols may be open at one port.
            Service = contact.Protocol << 16 | contact.ServicePort,
            Family = SignFamily.Exposure,
            Host = contact.Responder,
            Confidence = 0.9,
            From = contact.Start,
            To = contact.Last,
            Because = string.Create(CultureInfo.InvariantCulture, $"its {service.Service} at {protocol} port {service.Port} answered {contact.Initiator}, which is not ours: {service.Why}"),
            Counterfactual = "would not have been said had it not answered, or had a firewall kept the question out",
            Inputs = [new("port", service.Port), new("protocol", contact.Protocol), new("requestBytes", contact.InitiatorBytes), new("answerBytes", contact.ResponderBytes)],
            WorksTo = WorksTo,
            SamplingRate = contact.SamplingRate,
            Direct = new DirectIncident(IncidentKind.Exposure, Severity.Low),
            Packets = contact.Packets,
            SampledPackets = contact.SampledPackets,
        };
    }
}
