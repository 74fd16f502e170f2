namespace Breakwater.Core.Behaviour.Scans;

/// <summary>The sequential test of one host: does it know whom it talks to, or does it try addresses?</summary>
/// <remarks>
/// Threshold random walk: Jung, Paxson, Berger, Balakrishnan, "Fast Portscan Detection Using Sequential Hypothesis Testing" (IEEE S&amp;P 2004). Of an ordinary
/// host's first contacts a share of 0.8 succeeds, of a scanner's 0.2; each outcome moves the log-likelihood ratio by ±ln 4. It is held above the level at which the
/// paper calls a host benign, so that a host that is infected later is noticed as soon, and falls by half in three days.
/// </remarks>
internal struct FirstContactWalk : IHostState
{
    private const double BenignSuccess = 0.8, ScannerSuccess = 0.2;

    /// <summary>What one failure adds, and one success takes.</summary>
    public static readonly float Step = (float)Math.Log((1 - ScannerSuccess) / (1 - BenignSuccess));

    /// <summary>False accusation 0.01, detection 0.99: the paper's. From here on a host is looked at closely.</summary>
    public static readonly float Suspicious = (float)Math.Log(0.99 / 0.01);

    /// <summary>False accusation of one test in a million: a network of a million hosts puts each to the test every day, and must not wake anybody for chance.</summary>
    public static readonly float Certain = (float)Math.Log(0.99 / 1e-6);

    private const float HalfLifeSeconds = 3 * 86_400;

    private float _level;
    private uint _atSeconds;

    /// <summary>Place among the suspects plus one; 0 for none.</summary>
    public ushort Suspect;

    /// <summary>SYNs with Mirai's mark; stops at 255.</summary>
    public byte Marked;

    public readonly float Level => _level;
    public readonly int Worth => Suspect != 0 ? 2 : _level > 0 || Marked > 0 ? 1 : 0;

    public void Fail(uint seconds) => Move(seconds, Step);

    public void Succeed(uint seconds) => Move(seconds, -Step);

    private void Move(uint seconds, float step)
    {
        var passed = seconds - _atSeconds;
        if (passed is > 60 and <= int.MaxValue && _level > 0) _level *= MathF.Pow(2, -(passed / HalfLifeSeconds));
        _atSeconds = seconds;
        _level = Math.Clamp(_level + step, -Suspicious, 100 * Certain);
    }
}
