using System.Text;
using Breakwater.Engine.Notification;

namespace Breakwater.Tests.Engine.Notification;

public class EmailNotifierTests
{
    private static readonly ManualTime Time = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    [Fact]
    public async Task Gives_the_server_one_mail_to_everybody_who_is_to_hear()
    {
        var told = new List<string>();
        await using var server = new LoopbackServer((stream, cancel) => ServeAsync(stream, told, line => line.StartsWith("RCPT TO:<gone", StringComparison.Ordinal) ? "550 no such user" : "250 ok", cancel));
        using var email = new EmailNotifier(Options(server, SmtpSecurity.None), Time);
        Assert.Equal(Delivery.Done, await email.SendAsync(Attacks.Group(), CancellationToken.None));
        Assert.Contains("MAIL FROM:<breakwater@example.net>", told);
        Assert.Contains("RCPT TO:<noc@example.net>", told);
        Assert.Contains("From: breakwater@example.net", told);
        var body = told.SkipWhile(l => l.Length > 0).Skip(1).TakeWhile(l => l != ".");
        Assert.Contains("192.0.2.7 receives syn-flood", Encoding.UTF8.GetString(Convert.FromBase64String(string.Concat(body))));
    }

    [Fact]
    public async Task Sends_neither_mail_nor_password_to_a_server_without_the_tls_that_was_asked_for()
    {
        var told = new List<string>();
        await using var server = new LoopbackServer((stream, cancel) => ServeAsync(stream, told, _ => "250 ok", cancel));
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "hunter2");
        var options = Options(server, SmtpSecurity.Starttls);
        options.User = "u";
        options.PasswordFile = file;
        using var email = new EmailNotifier(options, Time);
        Assert.Equal(Delivery.Failed("it does not offer STARTTLS"), await email.SendAsync(Attacks.Group(), CancellationToken.None));
        Assert.All(told, line => Assert.StartsWith("EHLO ", line));
        File.Delete(file);
    }

    [Theory]
    [InlineData("550 never", false)]
    [InlineData("451 later", true)]
    public async Task Tells_what_passes_from_what_does_not(string answer, bool again)
    {
        await using var server = new LoopbackServer((stream, cancel) => ServeAsync(stream, [], line => line.StartsWith("MAIL", StringComparison.Ordinal) ? answer : "250 ok", cancel));
        using var email = new EmailNotifier(Options(server, SmtpSecurity.None), Time);
        Assert.Equal(new Delivery($"it refuses the sender: {answer}", again), await email.SendAsync(Attacks.Group(), CancellationToken.None));
    }

    [Fact]
    public async Task A_server_that_talks_without_end_or_no_smtp_is_left()
    {
        await using var endless = new LoopbackServer(async (stream, cancel) => { while (true) await stream.WriteAsync("220-and more\r\n"u8.ToArray(), cancel); });
        using var first = new EmailNotifier(Options(endless, SmtpSecurity.None), Time);
        await Assert.ThrowsAsync<IOException>(() => first.SendAsync(Attacks.Group(), CancellationToken.None));
        await using var garbage = new LoopbackServer((stream, cancel) => stream.WriteAsync(new byte[5000], cancel).AsTask());
        using var second = new EmailNotifier(Options(garbage, SmtpSecurity.None), Time);
        await Assert.ThrowsAsync<IOException>(() => second.SendAsync(Attacks.Group(), CancellationToken.None));
    }

    private static EmailOptions Options(LoopbackServer server, SmtpSecurity security) =>
        new() { Server = "127.0.0.1", Port = server.Port, Security = security, From = "breakwater@example.net", To = ["gone@example.net", "noc@example.net"] };

    private static async Task ServeAsync(Stream stream, List<string> told, Func<string, string> answer, CancellationToken cancel)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        await SayAsync("220 mail.example.net");
        var data = false;
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            told.Add(line);
            if (data && line != ".") continue;
            data = line == "DATA";
            await SayAsync(data ? "354 go on" : line.StartsWith("EHLO", StringComparison.Ordinal) ? "250-mail.example.net\r\n250 SIZE 1000000" : answer(line));
        }

        Task SayAsync(string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text + "\r\n"), cancel).AsTask();
    }
}
