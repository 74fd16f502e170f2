using System.Text.Json;
using Breakwater.Engine.Notification;

namespace Breakwater.Tests.Engine.Notification;

public class CrowdSecNotifierTests
{
    [Fact]
    public async Task Logs_in_and_gives_alerts_that_ask_for_no_ban_and_logs_in_again_when_the_token_is_old()
    {
        var got = new List<(string Head, string Body)>();
        var logins = 0;
        await using var server = new LoopbackServer(async (stream, cancel) =>
        {
            var request = await LoopbackServer.ReadHttpAsync(stream, cancel);
            got.Add(request);
            if (request.Head.StartsWith("POST /v1/watchers/login", StringComparison.Ordinal)) await LoopbackServer.AnswerHttpAsync(stream, 200, $$"""{"code":200,"token":"t{{++logins}}"}""", cancel);
            else await LoopbackServer.AnswerHttpAsync(stream, request.Head.Contains("Bearer t2", StringComparison.Ordinal) ? 201 : 401, "[]", cancel);
        });
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "hunter2\n");
        using var crowdsec = new CrowdSecNotifier(new CrowdSecOptions { Url = $"http://127.0.0.1:{server.Port}/", MachineId = "bw", PasswordFile = file });
        File.Delete(file);
        Assert.True((await crowdsec.SendAsync(Attacks.Group(), CancellationToken.None)) is { Problem: { } problem, Again: true } && !problem.Contains("hunter2", StringComparison.Ordinal));
        Assert.Equal(Delivery.Done, await crowdsec.SendAsync(Attacks.Group(), CancellationToken.None));
        using var login = JsonDocument.Parse(got[0].Body);
        Assert.Equal(("bw", "hunter2"), (login.RootElement.GetProperty("machine_id").GetString(), login.RootElement.GetProperty("password").GetString()));
        using var alerts = JsonDocument.Parse(got[^1].Body);
        var alert = alerts.RootElement[0];
        Assert.Equal(("breakwater/ddos", false, 0), (alert.GetProperty("scenario").GetString(), alert.GetProperty("remediation").GetBoolean(), alert.GetProperty("decisions").GetArrayLength()));
        // A local API that bans what alerts name must find neither the victim nor a forged source there.
        Assert.Equal("breakwater-target", alert.GetProperty("source").GetProperty("scope").GetString());
    }

    [Theory]
    [InlineData("""{"\ud800":1,"token":"t"}""")]
    [InlineData("""{"token":"\ud800"}""")]
    [InlineData("[]")]
    public async Task Says_so_when_the_answer_to_the_login_holds_no_token(string answer)
    {
        await using var server = new LoopbackServer(async (stream, cancel) =>
        {
            await LoopbackServer.ReadHttpAsync(stream, cancel);
            await LoopbackServer.AnswerHttpAsync(stream, 200, answer, cancel);
        });
        using var crowdsec = new CrowdSecNotifier(new CrowdSecOptions { Url = $"http://127.0.0.1:{server.Port}/", MachineId = "bw" });
        Assert.Equal("its answer to the login holds no token", (await crowdsec.SendAsync(Attacks.Group(), CancellationToken.None)).Problem);
    }

    [Fact]
    public async Task Keeps_mitigations_to_itself()
    {
        using var crowdsec = new CrowdSecNotifier(new CrowdSecOptions { Url = "http://192.0.2.1/", MachineId = "bw" });
        Assert.Equal(Delivery.Done, await crowdsec.SendAsync(Attacks.Group(new Notice("m", NoticeKind.MitigationChanged, Attacks.Now) { Mitigation = Attacks.Mitigation() }), CancellationToken.None));
    }
}
