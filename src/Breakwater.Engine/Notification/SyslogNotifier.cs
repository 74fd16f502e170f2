using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Breakwater.Core.Incidents;
using Breakwater.Core.Mitigations;
using Breakwater.Protocols.Syslog;

namespace Breakwater.Engine.Notification;

/// <summary>Sends each notice as a message of RFC 5424. No collector confirms any: what is sent counts as delivered.</summary>
/// <remarks>A connection is made for each group, so that a collector that was restarted loses nothing that went into a dead connection.</remarks>
public sealed class SyslogNotifier : INotifier
{
    public const string PartName = "syslog";

    private readonly SyslogOptions _options;
    private readonly X509Certificate2Collection _authorities;
    private readonly string _hostName = Dns.GetHostName();

    /// <exception cref="InvalidDataException">The authorities are not where the options say.</exception>
    public SyslogNotifier(SyslogOptions options)
    {
        _options = options;
        _authorities = NotifierTls.Authorities(options.AuthorityFile);
    }

    public string Name => PartName;

    public async Task<Delivery> SendAsync(NoticeGroup group, CancellationToken cancellation)
    {
        var messages = group.Notices.Select(n => SyslogEncoder.Encode(Message(n), _options.MaxLength));
        if (_options.Transport == SyslogTransport.Udp)
        {
            var address = (await Dns.GetHostAddressesAsync(_options.Server, cancellation).ConfigureAwait(false))[0];
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            foreach (var message in messages) await socket.SendToAsync(message, new IPEndPoint(address, _options.Port), cancellation).ConfigureAwait(false);
            return Delivery.Done;
        }
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(_options.Server, _options.Port, cancellation).ConfigureAwait(false);
        await using var plain = tcp.GetStream();
        if (_options.Transport == SyslogTransport.Tcp)
        {
            await WriteAsync(plain, messages, cancellation).ConfigureAwait(false);
            return Delivery.Done;
        }
        await using var tls = new SslStream(plain);
        await tls.AuthenticateAsClientAsync(NotifierTls.Options(_options.Server, _authorities), cancellation).ConfigureAwait(false);
        await WriteAsync(tls, messages, cancellation).ConfigureAwait(false);
        // RFC 5425 §4.4: close_notify says that nothing was cut off.
        await tls.ShutdownAsync().WaitAsync(cancellation).ConfigureAwait(false);
        return Delivery.Done;
    }

    public void Dispose()
    {
        foreach (var authority in _authorities) authority.Dispose();
    }

    /// <summary>The notice as a message.</summary>
    internal SyslogMessage Message(Notice notice) => new()
    {
        Facility = _options.Facility,
        Severity = SeverityOf(notice),
        Time = notice.Time,
        HostName = _hostName,
        AppName = "breakwater",
        ProcId = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        MsgId = notice.Kind.Name(),
        StructuredId = string.Create(CultureInfo.InvariantCulture, $"breakwater@{_options.EnterpriseNumber}"),
        Parameters = [new("notice", notice.Id), .. notice.Mitigation is { } mitigation ? Parameters(mitigation) : Parameters(notice.Incident!)],
        Text = notice.Title(),
    };

    private static IEnumerable<KeyValuePair<string, string>> Parameters(Incident incident) =>
    [
        new("incident", incident.Id), new("incidentKind", incident.Kind.Name()), new("state", incident.State.Name()), new("severity", incident.Severity.Name()),
        new("target", NoticeText.Who(incident)), new("hostGroup", incident.HostGroup), new("vectors", string.Join(',', incident.Vectors)),
        new("peakPacketsPerSecond", Number(incident.PeakPacketsPerSecond)), new("peakBitsPerSecond", Number(incident.PeakBitsPerSecond)),
        new("packets", Number(incident.Packets)), new("octets", Number(incident.Bytes)), new("sources", Number(incident.SourceCount)),
        new("start", incident.Start.ToString()), new("lastSeen", incident.LastSeen.ToString()),
    ];

    private static IEnumerable<KeyValuePair<string, string>> Parameters(Mitigation mitigation) =>
    [
        new("mitigation", mitigation.Id), new("incident", mitigation.IncidentId ?? ""), new("state", mitigation.State.Name()), new("action", mitigation.Action.Name()),
        new("rule", mitigation.Match.Describe()), new("requester", mitigation.Requester), new("expires", mitigation.Expires.ToString()), new("refusedBy", mitigation.RefusedBy ?? ""),
    ];

    private static SyslogSeverity SeverityOf(Notice notice)
    {
        if (notice.Mitigation is { } mitigation) return mitigation.State == MitigationState.Failed ? SyslogSeverity.Error : SyslogSeverity.Notice;
        if (notice.Kind == NoticeKind.Ended) return SyslogSeverity.Notice;
        return notice.Incident!.Severity switch
        {
            Severity.Critical => SyslogSeverity.Critical,
            Severity.High => SyslogSeverity.Error,
            Severity.Medium => SyslogSeverity.Warning,
            Severity.Low => SyslogSeverity.Notice,
            _ => SyslogSeverity.Informational,
        };
    }

    private static string Number(double value) => value.ToString("F0", CultureInfo.InvariantCulture);

    private static async Task WriteAsync(Stream stream, IEnumerable<byte[]> messages, CancellationToken cancellation)
    {
        foreach (var message in messages) await stream.WriteAsync(SyslogEncoder.Frame(message), cancellation).ConfigureAwait(false);
        await stream.FlushAsync(cancellation).ConfigureAwait(false);
    }
}
