namespace Breakwater.Core.Behaviour.Chat;

/// <summary>How much a nickname looks like one that a bot made of what it knows of its host: country, system, and a number against collisions.</summary>
/// <remarks>
/// After Goebel, Holz, "Rishi: Identify Bot Contaminated Hosts by IRC Nickname Evaluation" (HotBots 2007): a point for each special character, for each two digits in a row,
/// and for each suspicious word. <c>[DEU|XP|SP2|4711]</c> has ten.
/// </remarks>
internal static class NicknameScore
{
    /// <summary>From here on a name is a bot's: people decorate theirs with a bracket or two and a year.</summary>
    public const int Suspicious = 6;

    /// <summary>Countries (ISO 3166-1, those where most clients are), systems and processors, and what bots call themselves; in upper case.</summary>
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "USA", "US", "CAN", "MEX", "BRA", "BR", "ARG", "CHL", "COL", "PER", "VEN", "GBR", "UK", "IRL", "FRA", "FR", "DEU", "DE", "AUT", "CHE", "ITA", "IT", "ESP", "ES", "PRT", "NLD", "NL", "BEL", "DNK",
        "SWE", "NOR", "FIN", "POL", "PL", "CZE", "HUN", "ROU", "RO", "BGR", "GRC", "TUR", "TR", "RUS", "RU", "UKR", "ISR", "EGY", "MAR", "SAU", "ARE", "IRN", "IND", "IN", "PAK", "CHN", "CN", "TWN", "HKG",
        "JPN", "JP", "KOR", "KR", "THA", "VNM", "MYS", "SGP", "IDN", "PHL", "AUS", "NZL", "ZAF",
        "WIN", "WINDOWS", "XP", "NT", "VIS", "VISTA", "SP", "SRV", "LINUX", "LNX", "UNIX", "ROOT", "ADMIN", "LAPTOP", "DESKTOP", "MIPS", "MIPSEL", "ARM", "PPC", "POWERPC", "SH", "SPARC", "AMD", "INTEL",
        "NEW", "BOT", "RBOT", "SDBOT", "DDOS", "SCAN", "NET",
    };

    public static int Of(ReadOnlySpan<byte> nickname)
    {
        var score = 0;
        for (var i = 0; i < nickname.Length;)
        {
            var from = i;
            if (IsLetter(nickname[i]))
            {
                while (i < nickname.Length && IsLetter(nickname[i])) i++;
                if (IsSuspicious(nickname[from..i])) score++;
            }
            else if (IsDigit(nickname[i]))
            {
                while (i < nickname.Length && IsDigit(nickname[i])) i++;
                score += (i - from) / 2;
            }
            else if (nickname[i++] is (byte)'[' or (byte)']' or (byte)'{' or (byte)'}' or (byte)'|') score++;
        }
        return score;
    }

    private static bool IsSuspicious(ReadOnlySpan<byte> word)
    {
        if (word.Length is < 2 or > 8) return false;
        Span<char> upper = stackalloc char[8];
        for (var i = 0; i < word.Length; i++) upper[i] = (char)(word[i] & ~0x20);
        return Words.GetAlternateLookup<ReadOnlySpan<char>>().Contains(upper[..word.Length]);
    }

    private static bool IsLetter(byte octet) => char.IsAsciiLetter((char)octet);

    private static bool IsDigit(byte octet) => char.IsAsciiDigit((char)octet);
}
