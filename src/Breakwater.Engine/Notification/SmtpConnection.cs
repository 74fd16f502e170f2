using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Breakwater.Protocols.Mail;

namespace Breakwater.Engine.Notification;

/// <summary>One conversation with a mail server (RFC 5321). What it answers is bounded; how long it may take is the caller's to say.</summary>
internal sealed class SmtpConnection : IDisposable
{
    /// <summary>Octets of a line, and lines of a reply, that we read (RFC 5321 §4.5.3.1.5 has 512).</summary>
    private const int MaxLine = 2048;
    private const int MaxLines = 100;

    private readonly TcpClient _tcp = new();
    private readonly byte[] _one = new byte[1];
    private Stream _stream = Stream.Null;

    /// <summary>Keywords of the server's last EHLO, in capitals.</summary>
    public IReadOnlyList<string> Offers { get; private set; } = [];

    public async Task ConnectAsync(string server, int port, CancellationToken cancellation)
    {
        await _tcp.ConnectAsync(server, port, cancellation).ConfigureAwait(false);
        _stream = new BufferedStream(_tcp.GetStream());
    }

    /// <summary>Goes on inside TLS; what was buffered in the clear is forgotten (RFC 3207 §4.2).</summary>
    public async Task SecureAsync(string server, X509Certificate2Collection authorities, CancellationToken cancellation)
    {
        var tls = new SslStream(_tcp.GetStream());
        await tls.AuthenticateAsClientAsync(NotifierTls.Options(server, authorities), cancellation).ConfigureAwait(false);
        _stream = new BufferedStream(tls);
    }

    /// <summary>Says EHLO and remembers what the server offers.</summary>
    public async Task<SmtpReply> HelloAsync(string name, CancellationToken cancellation)
    {
        var reply = await AskAsync($"EHLO {name}", cancellation).ConfigureAwait(false);
        Offers = [.. reply.Lines.Skip(1).Select(l => l.ToUpperInvariant())];
        return reply;
    }

    public Task<SmtpReply> AskAsync(string command, CancellationToken cancellation) => AskAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancellation);

    public async Task<SmtpReply> AskAsync(byte[] octets, CancellationToken cancellation)
    {
        await _stream.WriteAsync(octets, cancellation).ConfigureAwait(false);
        await _stream.FlushAsync(cancellation).ConfigureAwait(false);
        return await ReadAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads one reply.</summary>
    /// <exception cref="IOException">It is none, or too long, or the server has gone.</exception>
    public async Task<SmtpReply> ReadAsync(CancellationToken cancellation)
    {
        var lines = new List<string>();
        while (lines.Count < MaxLines)
        {
            var line = await ReadLineAsync(cancellation).ConfigureAwait(false);
            if (!SmtpText.TryReadLine(line, out var code, out var last, out var text)) throw new IOException("the mail server does not speak SMTP");
            lines.Add(text);
            if (last) return new SmtpReply(code, lines);
        }
        throw new IOException("the mail server's reply is too long");
    }

    /// <summary>Closes the socket only: disposing the buffer would write into a connection that may hang.</summary>
    public void Dispose() => _tcp.Dispose();

    private async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (line.Length < MaxLine)
        {
            if (await _stream.ReadAsync(_one, cancellation).ConfigureAwait(false) == 0) throw new IOException("the mail server closed the connection");
            if (_one[0] == '\n') return line.ToString().TrimEnd('\r');
            line.Append((char)_one[0]);
        }
        throw new IOException("the mail server's reply is too long");
    }
}

/// <param name="Code">200 to 599.</param>
/// <param name="Lines">Text of its lines, at least one.</param>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    /// <summary>2 done, 3 go on, 4 try later, 5 never (RFC 5321 §4.2.1).</summary>
    public int Class => Code / 100;
}
