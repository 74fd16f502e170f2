namespace Breakwater.Core.Behaviour.Guessing;

/// <summary>A service that asks who one is, and what one refused attempt looks like from outside.</summary>
/// <param name="Sign">Name of the sign.</param>
/// <param name="Word">Name for people.</param>
/// <param name="MinPackets">Fewest packets of the initiator in which an attempt fits.</param>
/// <param name="MaxPackets">Most packets of the initiator; more is work, not a refused attempt.</param>
/// <param name="MaxRequest">Most octets of the initiator.</param>
/// <param name="MaxAnswer">Most octets of the responder.</param>
/// <param name="Attempts">Attempts in five minutes that make guessing.</param>
/// <param name="Clients">Who else has short conversations with it that are alike.</param>
/// <remarks>
/// Ranges: Hellemons et al., "SSHCure" (AIMS 2012), and NEMEA's brute-force detector (Cejka et al., CNSM 2016), per direction. Thresholds: 30 as there, 10 where a refused
/// attempt cannot be mistaken for work, or a connection holds several attempts (OpenSSH: six). An attempt ends within two minutes: OpenSSH's LoginGraceTime.
/// </remarks>
internal sealed record AuthService(string Sign, string Word, int MinPackets, int MaxPackets, int MaxRequest, int MaxAnswer, int Attempts, EverydayClients Clients = EverydayClients.Few)
{
    /// <summary>Attempts are requests and their answers, not conversations.</summary>
    public bool IsWeb => Sign == SignNames.HttpBruteForce;

    public static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(2);

    public static readonly AuthService Ssh = new(SignNames.SshBruteForce, "SSH", 8, 51, 8_000, 9_000, 10);
    public static readonly AuthService Telnet = new(SignNames.TelnetBruteForce, "Telnet", 5, 60, 4_000, 8_000, 10);
    public static readonly AuthService Ftp = new(SignNames.FtpBruteForce, "FTP", 5, 50, 4_000, 6_000, 20);
    public static readonly AuthService Vnc = new(SignNames.VncBruteForce, "VNC", 5, 20, 2_000, 2_000, 20);
    private static readonly AuthService Rdp = new(SignNames.RdpBruteForce, "RDP", 6, 60, 10_000, 10_000, 30);
    private static readonly AuthService Smb = new(SignNames.SmbBruteForce, "SMB", 6, 30, 6_000, 6_000, 30, EverydayClients.Many);

    /// <summary>A question for a ticket without proof, and an error: RFC 4120 §3.1; tickets are larger than a kilobyte.</summary>
    private static readonly AuthService Kerberos = new(SignNames.KerberosBruteForce, "Kerberos", 1, 8, 700, 700, 10, EverydayClients.Many);
    private static readonly AuthService Database = new(SignNames.DatabaseBruteForce, "a database", 4, 12, 1_500, 1_000, 30, EverydayClients.Many);
    private static readonly AuthService Mail = new(SignNames.MailBruteForce, "a mail box", 6, 40, 4_000, 10_000, 30, EverydayClients.ManyEverywhere);
    private static readonly AuthService Sip = new(SignNames.SipBruteForce, "SIP", 1, 40, 20_000, 20_000, 30, EverydayClients.Many);

    /// <summary>HTTP, of which only packets tell: a name and password that the server refuses by 401 or 403.</summary>
    public static readonly AuthService Web = new(SignNames.HttpBruteForce, "a web server", 1, int.MaxValue, int.MaxValue, int.MaxValue, 10, EverydayClients.Many);

    /// <summary>HTTP, forms: what is refused and what is not look alike, and so do thirty people behind one address.</summary>
    public static readonly AuthService WebForm = Web with { Word = "a login form", Attempts = 30 };

    /// <summary>The service that listens on a port, null for one that asks nobody, or cannot be told from work by flows alone (HTTP).</summary>
    public static AuthService? At(byte protocol, ushort port) => (protocol, port) switch
    {
        (6, 22 or 2222) => Ssh,
        (6, 23 or 2323) => Telnet,
        (6, 21) => Ftp,
        (6, 3389) => Rdp,
        (6, 445 or 139) => Smb,
        (6 or 17, 88) => Kerberos,
        (6, 1433 or 1521 or 3306 or 5432) => Database,
        (6, >= 5900 and <= 5905) => Vnc,
        (6, 110 or 143 or 465 or 587 or 993 or 995) => Mail,
        (17, 5060) => Sip,
        _ => null,
    };
}

/// <summary>Whose short conversations with a service are alike without being attempts.</summary>
internal enum EverydayClients : byte
{
    /// <summary>A few people's: a crowd at one server is odd, and so is one client's round of many servers.</summary>
    Few,

    /// <summary>Everybody's: a crowd at one server is ordinary.</summary>
    Many,

    /// <summary>Also programs that go round many servers: fetchers of mail.</summary>
    ManyEverywhere,
}
