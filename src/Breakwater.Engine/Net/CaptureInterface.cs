using System.Globalization;

namespace Breakwater.Engine.Net;

/// <summary>What can be said of an interface that is to be captured.</summary>
public enum CaptureInterfaceState
{
    Capturing,

    /// <summary>It exists, but is not up.</summary>
    Down,

    /// <summary>No interface has this name.</summary>
    Missing,
}

/// <param name="Name">As the kernel calls it.</param>
/// <param name="Index">ifIndex; 0 when missing.</param>
/// <param name="IsLoopback">True for <c>lo</c>: the kernel shows each of its packets twice, going out and coming in.</param>
/// <param name="State">Whether its packets are captured.</param>
public sealed record CaptureInterface(string Name, int Index, bool IsLoopback, CaptureInterfaceState State)
{
    private const string Folder = "/sys/class/net";
    private const int Up = 1;           // IFF_UP
    private const int Loopback = 8;     // IFF_LOOPBACK

    /// <summary>The interfaces that the configuration means, as they are now.</summary>
    internal static IReadOnlyList<CaptureInterface> Resolve(IEnumerable<string> names)
    {
        var found = new List<CaptureInterface>();
        foreach (var name in names)
        {
            if (name == PacketCaptureOptions.Auto) found.AddRange(Names().Where(IsSeenNowhereElse).Select(Look).Where(i => i.State == CaptureInterfaceState.Capturing));
            else found.Add(Look(name));
        }
        return [.. found.DistinctBy(i => i.Name).OrderBy(i => i.Name, StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Names()
    {
        try
        {
            return Directory.GetDirectories(Folder).Select(f => Path.GetFileName(f)).ToArray();
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static CaptureInterface Look(string name)
    {
        if (Number(name, "ifindex") is not { } index || Number(name, "flags") is not { } flags)
            return new CaptureInterface(name, 0, false, CaptureInterfaceState.Missing);
        var state = (flags & Up) != 0 ? CaptureInterfaceState.Capturing : CaptureInterfaceState.Down;
        return new CaptureInterface(name, index, (flags & Loopback) != 0, state);
    }

    /// <summary>False for members of a master, and for interfaces stacked on one that is not their member (VLAN, macvlan).</summary>
    private static bool IsSeenNowhereElse(string name)
    {
        var folder = Path.Combine(Folder, name);
        if (Path.Exists(Path.Combine(folder, "master"))) return false;
        try
        {
            return Directory.GetFileSystemEntries(folder, "lower_*").All(lower => Path.Exists(Path.Combine(lower, "master")));
        }
        catch (IOException)
        {
            return false;   // gone since it was listed
        }
    }

    private static int? Number(string name, string file)
    {
        // A name comes from the configuration: it must stay inside the folder.
        if (name is "" or "." or ".." || name.Contains('/')) return null;
        try
        {
            var text = File.ReadAllText(Path.Combine(Folder, name, file)).Trim();
            return text.StartsWith("0x", StringComparison.Ordinal)
                ? int.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : int.Parse(text, CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
