using System.Globalization;
using System.Text;
using System.Text.Json;
using Breakwater.Engine.Notification;

namespace Breakwater.Tests.Engine.Notification;

public sealed class WebhookNotifierTests : IDisposable
{
    private readonly string _secretFile = Path.GetTempFileName();
    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(1_614_265_330));

    public void Dispose() => File.Delete(_secretFile);

    /// <summary>The example of the Standard Webhooks specification and its libraries.</summary>
    [Fact]
    public void Signs_as_the_specification_s_example_does() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookNotifier.Sign(Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, """{"test": 2432232314}"""u8.ToArray()));

    [Fact]
    public async Task Posts_a_signed_document_with_an_idempotency_key()
    {
        (string Head, string Body) got = default;
        await using var server = new LoopbackServer(async (stream, cancel) =>
        {
            got = await LoopbackServer.ReadHttpAsync(stream, cancel);
            await LoopbackServer.AnswerHttpAsync(stream, 204, "", cancel);
        });
        File.WriteAllText(_secretFile, "s3cret\n");
        using var webhook = Webhook(server);
        Assert.Equal(Delivery.Done, await webhook.SendAsync(Attacks.Group(), CancellationToken.None));
        Assert.StartsWith("POST /in?key=1 HTTP/1.1", got.Head);
        Assert.Contains("Idempotency-Key: g-1", got.Head);
        Assert.Contains("webhook-id: g-1", got.Head);
        Assert.Contains("webhook-timestamp: 1614265330", got.Head);
        Assert.Contains("webhook-signature: " + WebhookNotifier.Sign("s3cret"u8.ToArray(), "g-1", 1_614_265_330, Encoding.UTF8.GetBytes(got.Body!)), got.Head!);
        using var json = JsonDocument.Parse(got.Body!);
        Assert.Equal((NoticeJson.Schema, "opened", "192.0.2.7"), (
            json.RootElement.GetProperty("schema").GetString(),
            json.RootElement.GetProperty("notices")[0].GetProperty("kind").GetString(),
            json.RootElement.GetProperty("notices")[0].GetProperty("incident").GetProperty("target").GetString()));
    }

    [Theory]
    [InlineData(400, false)]
    [InlineData(302, false)]
    [InlineData(429, true)]
    [InlineData(503, true)]
    public async Task Says_whether_trying_again_can_help_and_nothing_that_is_secret(int status, bool again)
    {
        await using var server = new LoopbackServer(async (stream, cancel) =>
        {
            await LoopbackServer.ReadHttpAsync(stream, cancel);
            await LoopbackServer.AnswerHttpAsync(stream, status, "s3cret", cancel);
        });
        File.WriteAllText(_secretFile, "s3cret");
        using var webhook = Webhook(server);
        Assert.Equal(new Delivery($"it answers {status.ToString(CultureInfo.InvariantCulture)}", again), await webhook.SendAsync(Attacks.Group(), CancellationToken.None));
    }

    [Fact]
    public async Task A_server_that_never_answers_is_left_when_time_is_up()
    {
        await using var server = new LoopbackServer((_, cancel) => Task.Delay(Timeout.Infinite, cancel));
        File.WriteAllText(_secretFile, "s3cret");
        using var webhook = Webhook(server);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => webhook.SendAsync(Attacks.Group(), limit.Token));
    }

    [Fact]
    public void Names_the_file_of_a_secret_that_is_missing_or_empty()
    {
        Assert.Contains("is empty", Assert.Throws<InvalidDataException>(() => new WebhookNotifier(new WebhookOptions { Url = "https://192.0.2.1/", SecretFile = _secretFile }, _time)).Message);
        Assert.Contains("/nowhere/secret", Assert.Throws<InvalidDataException>(() => new WebhookNotifier(new WebhookOptions { Url = "https://192.0.2.1/", SecretFile = "/nowhere/secret" }, _time)).Message);
        Assert.Contains("BREAKWATER_NO_SUCH", Assert.Throws<InvalidDataException>(() => new WebhookNotifier(new WebhookOptions { Url = "https://192.0.2.1/", SecretVariable = "BREAKWATER_NO_SUCH" }, _time)).Message);
    }

    private WebhookNotifier Webhook(LoopbackServer server) => new(new WebhookOptions { Url = $"http://127.0.0.1:{server.Port}/in?key=1", SecretFile = _secretFile }, _time);
}
