using System.Globalization;
using System.Text;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Chat;

/// <summary>Finds bots that take their orders by Internet Relay Chat: by how they call themselves, and by where they chat.</summary>
/// <remarks>Goebel, Holz, "Rishi" (HotBots 2007): unusual nicknames and uncommon ports of servers. Either alone accuses nobody: people have odd names, and networks odd ports.</remarks>
public sealed class ChatBehaviour(HomeNetwork home) : IBehaviour, IHear<NicknameObservation>
{
    /// <summary>Signs that wait for a tick: whoever changes names in a flood says nothing new.</summary>
    private const int MaxWaiting = 1_000;

    private readonly List<Sign> _signs = [];

    public string Name => "chat";
    public ContactEvents Wants => ContactEvents.None;

    /// <remarks>A nickname is told in one packet a connection.</remarks>
    public int WorksTo => 1;

    public void Heard(in Flow flow, in NicknameObservation observation)
    {
        if (!home.MayAccuse(flow.Source) || home.GroupOf(flow.Destination) >= 0 || _signs.Count >= MaxWaiting) return;
        var score = NicknameScore.Of(observation.Nickname);
        if (score >= NicknameScore.Suspicious)
            Add(flow, SignNames.BotNickname, Math.Min(0.99, 1 - Math.Exp(3 - score)), string.Create(CultureInfo.InvariantCulture,
                $"in chat it calls itself \"{Encoding.ASCII.GetString(observation.Nickname)}\", as bots do that make their names of country, system and number: {score} points >= {NicknameScore.Suspicious}"),
                $"would not have been said of a name with fewer than {NicknameScore.Suspicious} points", [new("points", score)]);
        if (!IsChatPort(flow.DestinationPort))
            Add(flow, SignNames.ChatOnOtherPort, 0.9, string.Create(CultureInfo.InvariantCulture, $"it chats by IRC with {flow.Destination} at port {flow.DestinationPort}, where nobody looks for it"),
                "would not have been said at ports 194, 6660 to 6669, 6697 and 7000", []);
    }

    public void Tick(Timestamp now, ISignSink signs) => _signs.TellTo(signs);

    /// <summary>Also the first that IANA gave to it, and 7000 by custom.</summary>
    private static bool IsChatPort(ushort port) => ServicePorts.IsIrc(port) || port is 194 or 7000;

    private void Add(in Flow flow, string name, double confidence, string because, string counterfactual, IReadOnlyList<KeyValuePair<string, double>> inputs) => _signs.Add(new Sign
    {
        Behaviour = Name,
        Name = name,
        Family = SignNames.FamilyOf(name),
        Host = flow.Source,
        Weight = SignNames.WeightOf(name),
        Confidence = Math.Round(confidence, 2),
        From = flow.Start,
        To = flow.Start,
        Because = because,
        Counterfactual = counterfactual,
        Inputs = inputs,
        WorksTo = WorksTo,
        Target = new Prefix(flow.Destination, flow.Destination.Bits),
        Packets = 1,
        SampledPackets = 1,
    });
}
