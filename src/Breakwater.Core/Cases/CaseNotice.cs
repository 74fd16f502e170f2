using System.Globalization;
using System.Text;
using Breakwater.Core.Incidents;
using Breakwater.Core.Sharing;

namespace Breakwater.Core.Cases;

/// <summary>What a subscriber is told, in words that need no expertise, with what it takes to find the device.</summary>
/// <remarks>RFC 6561 §5, §5.9 (time and source port, for several may share the address), §5.10 (plain words), §6.1 (what to do).</remarks>
public static class CaseNotice
{
    private const int MaxLines = 12;

    /// <param name="case">The case.</param>
    /// <param name="organisation">Who writes; empty for "your network operator".</param>
    /// <param name="contact">Where to answer; empty for none.</param>
    /// <param name="victims">What may be told of those whom the traffic went to.</param>
    public static string Write(Case @case, string organisation, string contact, Disclosure victims)
    {
        var who = organisation.Length > 0 ? organisation : "Your network operator";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Subject: A device on your connection needs attention (case {@case.Id})\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{who} has seen traffic from your Internet address {@case.Host} that comes from a device which somebody else probably controls");
        text.Append(@case.Kinds.Count > 0 ? ": it " + string.Join(", and it ", @case.Kinds.Select(Words)) + ".\n" : ".\n");
        text.Append("You have most likely not done this yourself. It may be a computer, a telephone, a camera, a recorder, a television or the router.\n\n");
        if (@case.Reinfections > 0) text.Append(CultureInfo.InvariantCulture, $"It has come back {(@case.Reinfections == 1 ? "once" : $"{@case.Reinfections} times")} after it had stopped: another device may be affected, or the same one was not cleaned completely.\n\n");
        Evidence(text, @case, victims);
        text.Append("What to do:\n");
        text.Append("  1. Find the device: look in your router's list of connected devices, and at which of them were on at those times.\n");
        text.Append("  2. Disconnect it. Restart it, install its newest software, and give it a new, long password that you use nowhere else.\n");
        text.Append("  3. If it is a computer or telephone, check it with security software, then change the passwords that you use on it, from another device.\n");
        text.Append("  4. If the maker offers no updates any more, please take it off the network for good.\n");
        text.Append("  5. Renew your router's software, and switch off remote access from the Internet unless you need it.\n\n");
        text.Append("Then tell us that it is done. We look again; if the traffic has stopped, there is nothing more for you to do.\n");
        text.Append("We looked at the addresses, ports and times of traffic, not at what was said.");
        text.Append(contact.Length > 0 ? $" If you think that we are wrong, or need help: {contact}, case {@case.Id}.\n" : $" Your case number is {@case.Id}.\n");
        return text.ToString();
    }

    private static void Evidence(StringBuilder text, Case @case, Disclosure victims)
    {
        text.Append(CultureInfo.InvariantCulture, $"First seen {Time(@case.Traffic.Count > 0 ? @case.Traffic[0].At : @case.Opened)}, last seen {Time(@case.LastSeen)} (UTC).\n");
        if (@case.Traffic.Count > 0) text.Append("Some of it, by which the device can be found (UTC; \"your port\" is what your router or provider keeps in its records):\n");
        foreach (var line in @case.Traffic.TakeLast(MaxLines))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {Time(line.At)}  {Protocol(line.Protocol)}");
            if (line.SourcePort != 0) text.Append(CultureInfo.InvariantCulture, $"  your port {line.SourcePort}");
            text.Append("  to ").Append(victims switch
            {
                Disclosure.Full => line.Destination.ToString(),
                Disclosure.Network => Net.Prefix.Of(line.Destination, line.Destination.IsV4 ? 24 : 48).ToString(),
                _ => "another network",
            });
            if (line.DestinationPort != 0) text.Append(CultureInfo.InvariantCulture, $" port {line.DestinationPort}");
            text.Append('\n');
        }
        text.Append('\n');
    }

    private static string Words(IncidentKind kind) => kind switch
    {
        IncidentKind.OutboundAttack => "takes part in attacks that make others unreachable",
        IncidentKind.Scan => "searches other networks for devices to break into",
        IncidentKind.BruteForce => "tries passwords on other people's devices",
        IncidentKind.Reflector => "answers strangers in a way that others abuse for attacks",
        IncidentKind.Spoofing => "sends under addresses that are not yours",
        IncidentKind.PolicyViolation => "does what a device of its kind never needs to do",
        _ => "behaves as infected devices do",
    };

    private static string Time(Flows.Timestamp time) => time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Protocol(byte protocol) => protocol switch { 1 => "ICMP", 6 => "TCP", 17 => "UDP", 58 => "ICMPv6", _ => string.Create(CultureInfo.InvariantCulture, $"protocol {protocol}") };
}
