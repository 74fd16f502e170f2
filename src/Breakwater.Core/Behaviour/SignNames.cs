namespace Breakwater.Core.Behaviour;

/// <summary>What signs there are, and what each adds to the log-odds that a host is infected. Closed list: the names are a contract with everybody who reads our JSON.</summary>
/// <remarks>Start weights: reference of detection, section 3.16. They are to be fitted on labelled data.</remarks>
public static class SignNames
{
    public const string HorizontalScan = "horizontal-scan";
    public const string VerticalScan = "vertical-scan";
    public const string ArpScan = "arp-scan";
    public const string PingSweep = "ping-sweep";
    public const string DistributedScan = "distributed-scan";
    public const string MiraiScan = "mirai-scan";
    public const string SshBruteForce = "ssh-brute-force";
    public const string TelnetBruteForce = "telnet-brute-force";
    public const string FtpBruteForce = "ftp-brute-force";
    public const string RdpBruteForce = "rdp-brute-force";
    public const string SmbBruteForce = "smb-brute-force";
    public const string KerberosBruteForce = "kerberos-brute-force";
    public const string DatabaseBruteForce = "database-brute-force";
    public const string MailBruteForce = "mail-brute-force";
    public const string VncBruteForce = "vnc-brute-force";
    public const string SipBruteForce = "sip-brute-force";
    public const string HttpBruteForce = "http-brute-force";
    public const string PasswordSpray = "password-spray";
    public const string DistributedGuessing = "distributed-guessing";
    public const string SpamRun = "spam-run";
    public const string Dga = "dga";
    public const string DnsTunnel = "dns-tunnel";
    public const string DnsTextC2 = "dns-c2-txt";
    public const string FastFlux = "fast-flux";
    public const string IcmpTunnel = "icmp-tunnel";
    public const string OutboundAttack = "outbound-attack";
    public const string Beacon = "beacon";
    public const string RepeatedExchange = "repeated-exchange";
    public const string JitteredCalls = "jittered-calls";
    public const string RestlessCalls = "restless-calls";
    public const string StubbornCalls = "stubborn-calls";
    public const string IrcReturns = "irc-returns";
    public const string ClearOnTlsPort = "clear-on-tls-port";
    public const string PostToAddress = "post-to-address";
    public const string MalwareAgent = "malware-agent";
    public const string BrowserMasquerade = "browser-masquerade";
    public const string ConcealedContent = "concealed-content";
    public const string ProgramDownload = "program-download";
    public const string NamelessTls = "nameless-tls";
    public const string OwnAddressLookup = "own-address-lookup";
    public const string BotNickname = "bot-nickname";
    public const string ChatOnOtherPort = "chat-on-other-port";
    public const string OpenReflector = "open-reflector";
    public const string ExposedService = "exposed-service";
    public const string BogonSource = "bogon-source";
    public const string PrivateSource = "private-source";
    public const string UnroutedSource = "unrouted-source";
    public const string ForeignSource = "foreign-source";
    public const string OwnSourceFromOutside = "own-source-from-outside";

    public const string KnownBadContact = "known-bad-contact";
    public const string CommandContact = "c2-contact";
    public const string CommandAttempt = "c2-attempt";
    public const string InfectionReport = "infection-report";

    private static readonly Dictionary<string, (SignFamily Family, double Weight)> Table = new()
    {
        [HorizontalScan] = (SignFamily.Scan, 2.2),
        [VerticalScan] = (SignFamily.Scan, 2.2),
        [ArpScan] = (SignFamily.Scan, 2.2),
        [PingSweep] = (SignFamily.Scan, 2.2),
        [DistributedScan] = (SignFamily.Scan, 0),
        // Nothing but Mirai's code writes the address into the sequence number.
        [MiraiScan] = (SignFamily.Fingerprint, 9.3),
        [SshBruteForce] = (SignFamily.BruteForce, 3),
        [TelnetBruteForce] = (SignFamily.BruteForce, 3),
        [FtpBruteForce] = (SignFamily.BruteForce, 3),
        [RdpBruteForce] = (SignFamily.BruteForce, 3),
        [SmbBruteForce] = (SignFamily.BruteForce, 3),
        [KerberosBruteForce] = (SignFamily.BruteForce, 3),
        [DatabaseBruteForce] = (SignFamily.BruteForce, 3),
        [MailBruteForce] = (SignFamily.BruteForce, 3),
        [VncBruteForce] = (SignFamily.BruteForce, 3),
        [SipBruteForce] = (SignFamily.BruteForce, 3),
        [HttpBruteForce] = (SignFamily.BruteForce, 3),
        [PasswordSpray] = (SignFamily.BruteForce, 3),
        // Said of many, and of none of them alone.
        [DistributedGuessing] = (SignFamily.BruteForce, 0),
        [SpamRun] = (SignFamily.Spam, 4),
        // A channel in use is as good as two-way traffic with a controller.
        [IcmpTunnel] = (SignFamily.Tunnel, 9.3),
        // Each is told only when it is proof: ten names drawn by lot, a kilobyte through names, a kilobyte of code by TXT.
        [Dga] = (SignFamily.Names, 9.8),
        [DnsTunnel] = (SignFamily.Tunnel, 9.8),
        // Clouds and swarms look alike: it only adds to what others say.
        [FastFlux] = (SignFamily.Names, 1),
        [DnsTextC2] = (SignFamily.Names, 9.8),
        [OutboundAttack] = (SignFamily.Flood, 4.5),
        [ClearOnTlsPort] = (SignFamily.Masquerade, 4),
        // Chat apps do it too.
        [PostToAddress] = (SignFamily.Masquerade, 2),
        [MalwareAgent] = (SignFamily.Fingerprint, 9.3),
        // How it asks, what it gets, and that it gets programs: some updaters do one of them, hardly any two.
        [BrowserMasquerade] = (SignFamily.Disguise, 5),
        [ConcealedContent] = (SignFamily.Concealment, 5),
        [ProgramDownload] = (SignFamily.Delivery, 4),
        [BotNickname] = (SignFamily.Fingerprint, 7),
        [ChatOnOtherPort] = (SignFamily.Masquerade, 3.5),
        // Things and games do either of them too.
        [NamelessTls] = (SignFamily.Namelessness, 2),
        [OwnAddressLookup] = (SignFamily.Reconnaissance, 1.5),
        // Four ordinary hosts in ten have a timer that says the same by day and by night: all that together stays below one half, and with two more weak signs below 0.9.
        [Beacon] = (SignFamily.Beacon, 2.5),
        [RepeatedExchange] = (SignFamily.Repetition, 2),
        // Beacons of attack frameworks throw dice so as not to be found by their rhythm; ordinary timers need not.
        [JitteredCalls] = (SignFamily.Jitter, 6),
        [RestlessCalls] = (SignFamily.Restlessness, 0.5),
        // A device whose maker's server is dead looks the same, and calls others by a timer as well.
        [StubbornCalls] = (SignFamily.Failure, 2),
        [IrcReturns] = (SignFamily.Control, 7.5),
        // A network of criminals may also host what an innocent click leads to.
        [KnownBadContact] = (SignFamily.Intelligence, 2),
        [CommandContact] = (SignFamily.Intelligence, 9.2),
        [CommandAttempt] = (SignFamily.Intelligence, 5),
        [InfectionReport] = (SignFamily.Intelligence, 10),
        // A door that stands open says nothing of who came in.
        [OpenReflector] = (SignFamily.Exposure, 0),
        [ExposedService] = (SignFamily.Exposure, 0),
        // Who sent it is not known: that is the point of forging.
        [BogonSource] = (SignFamily.Exposure, 0),
        [PrivateSource] = (SignFamily.Exposure, 0),
        [UnroutedSource] = (SignFamily.Exposure, 0),
        [ForeignSource] = (SignFamily.Exposure, 0),
        [OwnSourceFromOutside] = (SignFamily.Exposure, 0),
    };

    /// <summary>Every name, for documentation, for exceptions and for tests that keep the list closed.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Table.Keys.Order(StringComparer.Ordinal)];

    public static SignFamily FamilyOf(string name) => Table[name].Family;

    /// <summary>Log-odds that the sign adds when it is certain.</summary>
    public static double WeightOf(string name) => Table[name].Weight;

    /// <summary>True for what many an ordinary device does as well: more of it makes no bot.</summary>
    public static bool IsHabit(string name) => name is Beacon or RepeatedExchange or RestlessCalls or StubbornCalls or NamelessTls or OwnAddressLookup or PostToAddress or FastFlux;

    /// <summary>The word for people and JSON.</summary>
    public static string Name(this SignFamily family) => family switch
    {
        SignFamily.Scan => "scan",
        SignFamily.BruteForce => "brute-force",
        SignFamily.Beacon => "beacon",
        SignFamily.Names => "dns",
        SignFamily.Spam => "spam",
        SignFamily.PeerToPeer => "peer-to-peer",
        SignFamily.Flood => "flood",
        SignFamily.Tunnel => "tunnel",
        SignFamily.Intelligence => "intelligence",
        SignFamily.Fingerprint => "fingerprint",
        SignFamily.Exposure => "exposure",
        SignFamily.Repetition => "repetition",
        SignFamily.Jitter => "jitter",
        SignFamily.Masquerade => "masquerade",
        SignFamily.Restlessness => "restlessness",
        SignFamily.Disguise => "disguise",
        SignFamily.Concealment => "concealment",
        SignFamily.Delivery => "delivery",
        SignFamily.Namelessness => "namelessness",
        SignFamily.Reconnaissance => "reconnaissance",
        SignFamily.Failure => "failure",
        SignFamily.Control => "control",
        _ => throw new ArgumentOutOfRangeException(nameof(family)),
    };
}
