using System.Net;
using System.Net.Sockets;
using Breakwater.Core.Behaviour.Exposure;
using Breakwater.Core.Detection;
using Breakwater.Core.Flows;
using Breakwater.Core.Incidents;
using Breakwater.Core.Net;
using Breakwater.Engine.Detection;
using Breakwater.Engine.Hygiene;
using Breakwater.Tests.Core.Incidents;
using Breakwater.Tests.Protocols.Hygiene;
using Microsoft.Extensions.Logging.Abstractions;

namespace Breakwater.Tests.Engine.Hygiene;

public sealed class ReflectorConfirmationTests : IDisposable
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch.AddYears(55));
    private readonly ReflectorOptions _options = new() { Confirm = [ReflectorQuestion.Dns] };
    private readonly ConfirmationBoard _board = new();
    private readonly List<string> _asked = [];
    private readonly ReflectorConfirmation _confirmation;

    public ReflectorConfirmationTests() => _confirmation = new ReflectorConfirmation(
        _options, new HomeNetwork([Prefix.Parse("192.0.2.0/24")], []), _board, new LiveState(), _time, NullLogger<ReflectorConfirmation>.Instance, (service, question, _, _) =>
        {
            _asked.Add($"{service} {question}");
            return Task.FromResult(new Confirmation(ConfirmationVerdict.Answered, Timestamp.From(_time.GetUtcNow()), 29, 300));
        });

    public void Dispose() => _confirmation.Dispose();

    [Fact]
    public async Task A_suspect_of_ours_is_asked_once_a_day()
    {
        await Suspect("192.0.2.7", 53);
        await Suspect("192.0.2.7", 53);
        Assert.Equal(["192.0.2.7:53 Dns"], _asked);
        Assert.Equal(300, _board.Current.Of(IpAddr.Parse("192.0.2.7"), 53)!.AnswerBytes);
        _time.Advance(TimeSpan.FromHours(25));
        await Suspect("192.0.2.7", 53);
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task Nobody_else_is_and_nothing_that_is_not_listed()
    {
        await Suspect("203.0.113.9", 53);
        await Suspect("192.0.2.7", 123);
        await Suspect("192.0.2.7", 53, IncidentKind.Exposure);
        await Suspect("192.0.2.7", 53, IncidentKind.Reflector, IncidentState.Ended);
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task What_the_operator_forbids_meanwhile_is_not_asked()
    {
        _confirmation.Suspect(IncidentAbout("192.0.2.7", 53, IncidentKind.Reflector, IncidentState.Open));
        _options.Confirm = [];
        await _confirmation.AskNextAsync(default);
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task The_question_goes_out_once_more_and_the_answer_is_heard()
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var asking = new ReflectorAsker(TimeProvider.System) { Patience = TimeSpan.FromSeconds(1) }.AskAsync((IPEndPoint)server.LocalEndPoint!, ReflectorQuestion.Dns, 0x1234, default);
        var question = new byte[512];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var asked = await server.ReceiveFromAsync(question, from);
            from = asked.RemoteEndPoint;
            // First to another question, which is passed over.
            await server.SendToAsync(ReflectorQueryTests.AnswerTo(ReflectorQuestion.Dns, (ushort)(0x1233 + attempt)), from);
        }
        var said = await asking;
        Assert.Equal((ConfirmationVerdict.Answered, 29, 45), (said.Verdict, said.QuestionBytes, said.AnswerBytes));
    }

    [Fact]
    public async Task That_nobody_listens_is_a_refusal()
    {
        IPEndPoint nobody;
        using (var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            nobody = (IPEndPoint)server.LocalEndPoint!;
        }
        Assert.Equal(ConfirmationVerdict.Refused, (await new ReflectorAsker(TimeProvider.System).AskAsync(nobody, ReflectorQuestion.Memcached, 7, default)).Verdict);
    }

    private async Task Suspect(string host, int port, IncidentKind kind = IncidentKind.Reflector, IncidentState state = IncidentState.Open)
    {
        _confirmation.Suspect(IncidentAbout(host, port, kind, state));
        await _confirmation.AskNextAsync(default);
    }

    private static Incident IncidentAbout(string host, int port, IncidentKind kind, IncidentState state)
    {
        var sample = IncidentSamples.DnsAmplification(state: state);
        return sample with { Kind = kind, Host = IpAddr.Parse(host), Findings = [sample.Findings[0] with { Inputs = [new("port", port)] }] };
    }
}
