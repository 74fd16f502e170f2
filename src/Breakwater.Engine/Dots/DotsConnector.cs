using System.Net;
using System.Net.Sockets;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Breakwater.Engine.Dots;

/// <summary>Opens sessions with one peer that we connect to.</summary>
internal sealed class DotsConnector
{
    private readonly DotsPeerOptions _options;
    private readonly BcTlsCrypto _crypto = new(new SecureRandom());
    private readonly byte[]? _psk;

    /// <exception cref="InvalidDataException">A key or certificate file cannot be used.</exception>
    public DotsConnector(DotsPeerOptions options)
    {
        _options = options;
        Keys = new DotsKeys(options.CertificateFile, options.KeyFile, options.AuthorityFile);
        _psk = options.PskFile.Length > 0 ? DotsKeys.ReadPsk(options.PskFile) : null;
        Address = options.Address;
    }

    public DotsKeys Keys { get; }

    /// <summary>Where to; another one after a redirection.</summary>
    public IPEndPoint Address { get; set; }

    /// <summary>What the cuid is derived from.</summary>
    public ReadOnlyMemory<byte> Credential => _psk is null ? Keys.PublicKey : System.Text.Encoding.UTF8.GetBytes(_options.PskIdentity);

    /// <summary>Runs one session from connecting to its end.</summary>
    /// <param name="report">Called for everything that happens, the end included.</param>
    public async Task RunAsync(Action<DotsLinkEvent> report, CancellationToken cancellation)
    {
        try
        {
            if (_options.Transport == DotsTransport.Tcp) await RunTcpAsync(report, cancellation).ConfigureAwait(false);
            else await RunUdpAsync(report, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Not there now; the caller tries again.
        }
    }

    private async Task RunTcpAsync(Action<DotsLinkEvent> report, CancellationToken cancellation)
    {
        var socket = new Socket(Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            await socket.ConnectAsync(Address, patience.Token).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        var client = new DotsTlsClient(_crypto, _options, Keys, _psk, datagrams: false);
        var protocol = new TlsClientProtocol();
        await new TlsLink(socket, protocol, () => protocol.Connect(client), client, report).RunAsync(cancellation).ConfigureAwait(false);
    }

    private async Task RunUdpAsync(Action<DotsLinkEvent> report, CancellationToken cancellation)
    {
        using var socket = new Socket(Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(Address, cancellation).ConfigureAwait(false);
        var client = new DotsTlsClient(_crypto, _options, Keys, _psk, datagrams: true);
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var link = new DtlsLink(socket, Address, transport => new DtlsClientProtocol().Connect(client, transport), client, happened =>
        {
            report(happened);
            if (happened.Kind == DotsLinkEventKind.Closed) over.TrySetResult();
        });
        link.Start();
        var buffer = new byte[65_535];
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var receiving = Task.Run(async () =>
        {
            while (!ending.IsCancellationRequested)
            {
                try
                {
                    link.Offer(buffer.AsSpan(0, await socket.ReceiveAsync(buffer, ending.Token).ConfigureAwait(false)));
                }
                catch (SocketException)
                {
                    // Port unreachable: the server may be back before the session counts as lost.
                    await Task.Delay(100, CancellationToken.None).ConfigureAwait(false);
                }
                catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
                {
                    return;
                }
            }
        }, CancellationToken.None);
        using (cancellation.Register(link.Close)) await over.Task.ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        await receiving.ConfigureAwait(false);
    }
}
