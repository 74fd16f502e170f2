namespace Breakwater.Core.Flows;

/// <summary>The words outsiders see for traffic classes, and what the store keeps. Changing one breaks both.</summary>
public static class TrafficClassNames
{
    /// <summary>Every class, in the order of <see cref="TrafficClass"/>.</summary>
    public static IReadOnlyList<TrafficClass> All { get; } = Enum.GetValues<TrafficClass>();

    public static string Name(this TrafficClass trafficClass) => trafficClass switch
    {
        TrafficClass.TcpSyn => "tcp-syn",
        TrafficClass.TcpAnswer => "tcp-answer",
        TrafficClass.TcpOther => "tcp-other",
        TrafficClass.Udp => "udp",
        TrafficClass.Icmp => "icmp",
        TrafficClass.Fragment => "fragment",
        TrafficClass.Other => "other",
        _ => throw new ArgumentOutOfRangeException(nameof(trafficClass)),
    };

    /// <summary>Finds the class that a name stands for; false for a name outside the closed list.</summary>
    public static bool TryParse(string name, out TrafficClass trafficClass)
    {
        foreach (var value in All)
        {
            trafficClass = value;
            if (value.Name() == name) return true;
        }
        trafficClass = default;
        return false;
    }
}
