using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Sharing;

/// <summary>What a feed says of an address or name. Closed list; the names outsiders see are in <see cref="FeedCategoryNames"/>.</summary>
public enum FeedCategory : byte
{
    /// <summary>It is on the list, and the list does not say why.</summary>
    Listed,

    /// <summary>Bots take their orders there.</summary>
    CommandAndControl,

    /// <summary>Malware is fetched there.</summary>
    Malware,

    /// <summary>Address space in the hands of criminals: nobody has honest business there.</summary>
    Criminal,

    /// <summary>It scans others.</summary>
    Scanner,

    /// <summary>It tries passwords.</summary>
    BruteForce,

    /// <summary>It sends spam.</summary>
    Spam,

    /// <summary>It is a bot, or takes part in attacks.</summary>
    Bot,

    /// <summary>An open service that can be abused.</summary>
    OpenService,
}

public static class FeedCategoryNames
{
    public static string Name(this FeedCategory category) => category switch
    {
        FeedCategory.Listed => "listed",
        FeedCategory.CommandAndControl => "command-and-control",
        FeedCategory.Malware => "malware",
        FeedCategory.Criminal => "criminal",
        FeedCategory.Scanner => "scanner",
        FeedCategory.BruteForce => "brute-force",
        FeedCategory.Spam => "spam",
        FeedCategory.Bot => "bot",
        FeedCategory.OpenService => "open-service",
        _ => throw new ArgumentOutOfRangeException(nameof(category)),
    };

    /// <summary>False for a name outside the closed list.</summary>
    public static bool TryParse(string name, out FeedCategory category)
    {
        foreach (var value in Enum.GetValues<FeedCategory>())
        {
            category = value;
            if (value.Name() == name) return true;
        }
        category = default;
        return false;
    }

    /// <summary>The category that words of others speak of: a tag, a scenario, a type of threat.</summary>
    public static FeedCategory Guess(string words)
    {
        bool Has(string word) => words.Contains(word, StringComparison.OrdinalIgnoreCase);
        return Has("c2") || Has("c&c") || Has("command") || Has("botnet_cc") || Has("sinkhole") ? FeedCategory.CommandAndControl
            : Has("bruteforce") || Has("brute-force") || Has("brute_force") || Has("-bf") || Has("login") ? FeedCategory.BruteForce
            : Has("scan") || Has("probing") || Has("crawl") ? FeedCategory.Scanner
            : Has("spam") ? FeedCategory.Spam
            : Has("malware") || Has("payload") ? FeedCategory.Malware
            : Has("bot") || Has("ddos") || Has("infect") || Has("compromised") ? FeedCategory.Bot
            : FeedCategory.Listed;
    }
}

/// <summary>One line of a feed.</summary>
/// <param name="Prefix">The address or network; null for a name.</param>
/// <param name="Name">The domain name, lower case; empty for an address.</param>
/// <param name="Port">The port that it is about; 0 for any.</param>
/// <param name="Category">What it is said to be.</param>
/// <param name="Seen">When the feed last saw it so; null where it does not say.</param>
/// <param name="Until">When that ends; null where the feed does not say.</param>
/// <param name="Confidence">How sure the feed is of this line, 0 to 1; 1 where it does not say.</param>
public readonly record struct FeedEntry(Prefix? Prefix, string Name, ushort Port, FeedCategory Category, Timestamp? Seen, Timestamp? Until, float Confidence)
{
    /// <summary>Longest domain name (RFC 1035 §2.3.4), as text without the last dot.</summary>
    public const int MaxName = 253;

    /// <summary>What the feed calls the record that the entry is part of, where it may speak of it again; else null.</summary>
    public string? Reference { get; init; }

    public static FeedEntry Of(Prefix prefix, FeedCategory category = FeedCategory.Listed) => new(prefix, "", 0, category, null, null, 1);

    /// <summary>The entry for an address, a network or a domain name.</summary>
    /// <returns>False for anything else.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, FeedCategory category, out FeedEntry entry)
    {
        text = text.Trim();
        if (Net.Prefix.TryParse(text, out var prefix))
        {
            entry = Of(prefix, category);
            return true;
        }
        entry = default;
        if (!IsDomain(text)) return false;
        entry = new FeedEntry(null, text.TrimEnd('.').ToString().ToLowerInvariant(), 0, category, null, null, 1);
        return true;
    }

    /// <summary>True for a name with at least two labels of letters, digits, hyphens and underscores, whose last is no number.</summary>
    public static bool IsDomain(ReadOnlySpan<char> text)
    {
        text = text.TrimEnd('.');
        if (text.Length is 0 or > MaxName) return false;
        int labels = 1, length = 0;
        var digitsOnly = true;
        foreach (var c in text)
        {
            if (c == '.')
            {
                if (length == 0) return false;
                (labels, length, digitsOnly) = (labels + 1, 0, true);
                continue;
            }
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) return false;
            if (++length > 63) return false;
            digitsOnly &= char.IsAsciiDigit(c);
        }
        return length > 0 && labels > 1 && !digitsOnly;
    }
}
