using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Mail;

namespace Breakwater.Engine.Notification;

/// <summary>Sends a group of notices as one mail.</summary>
public sealed class EmailNotifier : INotifier
{
    public const string PartName = "email";

    private readonly EmailOptions _options;
    private readonly string _password;
    private readonly X509Certificate2Collection _authorities;
    private readonly TimeProvider _time;

    /// <exception cref="InvalidDataException">The password or the authorities are not where the options say.</exception>
    public EmailNotifier(EmailOptions options, TimeProvider time)
    {
        _options = options;
        _password = SecretSource.Read(options.PasswordFile, options.PasswordVariable);
        _authorities = NotifierTls.Authorities(options.AuthorityFile);
        _time = time;
    }

    public string Name => PartName;

    public async Task<Delivery> SendAsync(NoticeGroup group, CancellationToken cancellation)
    {
        using var server = new SmtpConnection();
        await server.ConnectAsync(_options.Server, _options.Port, cancellation).ConfigureAwait(false);
        if (_options.Security == SmtpSecurity.Tls) await server.SecureAsync(_options.Server, _authorities, cancellation).ConfigureAwait(false);
        if (await server.ReadAsync(cancellation).ConfigureAwait(false) is { Class: not 2 } busy) return Problem("its greeting", busy);
        if (await LogInAsync(server, cancellation).ConfigureAwait(false) is { } problem) return problem;

        if (await server.AskAsync($"MAIL FROM:<{_options.From}>", cancellation).ConfigureAwait(false) is { Class: not 2 } noSender) return Problem("the sender", noSender);
        // One wrong address must not keep the others from hearing of it.
        SmtpReply? refused = null;
        var taken = 0;
        foreach (var to in _options.To)
        {
            var reply = await server.AskAsync($"RCPT TO:<{to}>", cancellation).ConfigureAwait(false);
            if (reply.Class == 2) taken++;
            else refused = reply;
        }
        if (taken == 0) return Problem("every receiver", refused!);
        if (await server.AskAsync("DATA", cancellation).ConfigureAwait(false) is { Class: not 3 } noData) return Problem("the data", noData);
        var sent = await server.AskAsync(SmtpText.Stuff(Mail(group).Encode()), cancellation).ConfigureAwait(false);
        if (sent.Class != 2) return Problem("the message", sent);
        await server.AskAsync("QUIT", cancellation).ConfigureAwait(false);
        return Delivery.Done;
    }

    public void Dispose()
    {
        foreach (var authority in _authorities) authority.Dispose();
    }

    /// <returns>What went wrong; null when mail may be sent.</returns>
    private async Task<Delivery?> LogInAsync(SmtpConnection server, CancellationToken cancellation)
    {
        if (await server.HelloAsync(OwnName(), cancellation).ConfigureAwait(false) is { Class: not 2 } noHello) return Problem("EHLO", noHello);
        if (_options.Security == SmtpSecurity.Starttls)
        {
            if (!server.Offers.Contains("STARTTLS")) return Delivery.Failed("it does not offer STARTTLS");
            if (await server.AskAsync("STARTTLS", cancellation).ConfigureAwait(false) is { Class: not 2 } noTls) return Problem("STARTTLS", noTls);
            await server.SecureAsync(_options.Server, _authorities, cancellation).ConfigureAwait(false);
            if (await server.HelloAsync(OwnName(), cancellation).ConfigureAwait(false) is { Class: not 2 } noSecondHello) return Problem("EHLO", noSecondHello);
        }
        if (_options.User.Length == 0) return null;
        var reply = await server.AskAsync($"AUTH PLAIN {SmtpText.Plain(_options.User, _password)}", cancellation).ConfigureAwait(false);
        // Its text may repeat what we sent.
        return reply.Class == 2 ? null : Delivery.Failed(string.Create(CultureInfo.InvariantCulture, $"it refuses to log us in: {reply.Code}"));
    }

    private MailMessage Mail(NoticeGroup group) => new(
        _options.From, _options.To, "[breakwater] " + group.Title(), group.Body(), Timestamp.From(_time.GetUtcNow()), group.Id, _options.From[(_options.From.IndexOf('@') + 1)..]);

    /// <summary>RFC 5321 §4.1.4: a name, or an address in brackets where there is none.</summary>
    private static string OwnName() => Dns.GetHostName() is { Length: > 0 } name && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') ? name : "[127.0.0.1]";

    private static Delivery Problem(string what, SmtpReply reply)
    {
        var problem = string.Create(CultureInfo.InvariantCulture, $"it refuses {what}: {reply.Code} {reply.Lines[^1]}");
        return reply.Class == 5 ? Delivery.Refused(problem) : Delivery.Failed(problem);
    }
}
