using System.Text;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Tests.Core.Behaviour.Names;

/// <summary>The network that DNS of the tests is seen in.</summary>
internal static class NameTraffic
{
    public static HomeNetwork Home { get; } = new HomeNetwork([Prefix.Parse("192.0.2.0/24"), Prefix.Parse("10.0.0.0/8")], []);
}

/// <summary>DNS of one host, told to one behaviour; the signs that come of it.</summary>
internal sealed class NameTraffic<TBehaviour>(TBehaviour behaviour) : ISignSink where TBehaviour : IBehaviour, IHear<DnsObservation>
{
    public static readonly IpAddr Resolver = IpAddr.Parse("192.0.2.53");

    public IpAddr Client { get; set; } = IpAddr.Parse("192.0.2.7");
    public Timestamp Now { get; set; } = Timestamp.FromUnixSeconds(1_800_000_000);
    public uint TimeToLive { get; set; } = 60;
    public List<Sign> Signs { get; } = [];

    public void Add(Sign sign) => Signs.Add(sign);

    public void Wait(TimeSpan time)
    {
        Now += time;
        behaviour.Tick(Now, this);
    }

    public void Ask(string name, ushort type = DnsNames.A) => Hear(name, type, isResponse: false, 0, null, []);

    public void Answer(string name, ushort type = DnsNames.A, ushort code = 0, string? text = null, params IpAddr[] addresses) => Hear(name, type, isResponse: true, code, text, addresses);

    /// <summary>A question whose answer is that the name does not exist.</summary>
    public void Fail(string name)
    {
        Ask(name);
        Answer(name, code: DnsNames.NoSuchName);
    }

    /// <summary>The same without text, for tests of allocation.</summary>
    public void Fail(byte[] name, IpAddr server)
    {
        var flow = new Flow { Source = server, Destination = Client, Start = Now };
        behaviour.Heard(flow, new DnsObservation { Client = Client, Server = server, IsResponse = true, ResponseCode = DnsNames.NoSuchName, QuestionType = DnsNames.A, Name = name });
    }

    private void Hear(string name, ushort type, bool isResponse, ushort code, string? text, IpAddr[] addresses)
    {
        var flow = new Flow { Source = isResponse ? Resolver : Client, Destination = isResponse ? Client : Resolver, Start = Now };
        var observation = new DnsObservation
        {
            Client = Client,
            Server = Resolver,
            IsResponse = isResponse,
            ResponseCode = code,
            QuestionType = type,
            Name = Encoding.Latin1.GetBytes(name),
            Addresses = addresses,
            Text = Encoding.Latin1.GetBytes(text ?? ""),
            Answers = addresses.Length,
            TimeToLive = TimeToLive,
        };
        behaviour.Heard(flow, observation);
    }
}
