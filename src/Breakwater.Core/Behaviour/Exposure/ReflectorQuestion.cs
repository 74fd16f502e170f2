namespace Breakwater.Core.Behaviour.Exposure;

/// <summary>Services that can be asked one harmless question. Closed list.</summary>
public enum ReflectorQuestion : byte
{
    /// <summary>The address of example.com, with recursion: RFC 1035, RFC 2606.</summary>
    Dns,

    /// <summary>The system variables, by a control message, and not the list of clients that attacks ask for: RFC 9327.</summary>
    Ntp,

    /// <summary>A search for root devices: UPnP Device Architecture 2.0 §1.3.2.</summary>
    Ssdp,

    /// <summary>The version.</summary>
    Memcached,

    /// <summary>Whether there is a root entry, without any attribute: RFC 4511 §4.5.1.8.</summary>
    Cldap,

    /// <summary>sysDescr.0, by version 2c with the community "public": RFC 3416, RFC 3418.</summary>
    Snmp,
}

public static class ReflectorQuestions
{
    /// <summary>The UDP port on which the service listens, which is the only one it is asked at.</summary>
    public static ushort Port(this ReflectorQuestion question) => question switch
    {
        ReflectorQuestion.Dns => 53,
        ReflectorQuestion.Ntp => 123,
        ReflectorQuestion.Ssdp => 1900,
        ReflectorQuestion.Memcached => 11211,
        ReflectorQuestion.Cldap => 389,
        ReflectorQuestion.Snmp => 161,
        _ => throw new ArgumentOutOfRangeException(nameof(question)),
    };

    /// <summary>The question for what listens at a port; null where none is harmless.</summary>
    public static ReflectorQuestion? At(ushort port)
    {
        foreach (var question in Enum.GetValues<ReflectorQuestion>())
            if (question.Port() == port) return question;
        return null;
    }
}
