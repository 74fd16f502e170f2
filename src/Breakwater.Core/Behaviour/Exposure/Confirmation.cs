using System.Globalization;
using Breakwater.Core.Flows;
using Breakwater.Core.Net;

namespace Breakwater.Core.Behaviour.Exposure;

/// <summary>What a suspected reflector said when it was asked.</summary>
public enum ConfirmationVerdict : byte
{
    /// <summary>Nothing, twice: closed, filtered towards us, or both packets were lost.</summary>
    Silent,

    /// <summary>It said no: an answer of DNS without one, or that nobody listens there.</summary>
    Refused,

    /// <summary>It did as it was asked.</summary>
    Answered,
}

/// <param name="Verdict">What it said.</param>
/// <param name="At">When.</param>
/// <param name="QuestionBytes">Octets of UDP payload that it was asked with.</param>
/// <param name="AnswerBytes">Octets of UDP payload of its answer; 0 without.</param>
/// <remarks>Who asks from within home may be answered where others are not: it says that the service is there and talks, the flows say to whom.</remarks>
public sealed record Confirmation(ConfirmationVerdict Verdict, Timestamp At, int QuestionBytes, int AnswerBytes)
{
    /// <summary>For the end of a finding's claim.</summary>
    public string Because => string.Create(CultureInfo.InvariantCulture, $"; asked by us at {At.ToDateTimeOffset().UtcDateTime:yyyy-MM-dd HH:mm} UTC it {Words}");

    public IReadOnlyList<KeyValuePair<string, double>> Inputs => [new("confirmed", Verdict == ConfirmationVerdict.Answered ? 1 : 0), new("confirmationBytes", AnswerBytes)];

    private string Words => Verdict switch
    {
        ConfirmationVerdict.Answered => string.Create(CultureInfo.InvariantCulture, $"answered {AnswerBytes} octets to {QuestionBytes}"),
        ConfirmationVerdict.Refused => "refused",
        _ => "did not answer",
    };
}

/// <summary>What all that were asked said. Immutable.</summary>
public sealed class ConfirmationSet
{
    /// <summary>Services remembered; the one asked longest ago makes room.</summary>
    public const int MaxServices = 4_096;

    private readonly Dictionary<(IpAddr Host, ushort Port), Confirmation> _services;

    private ConfirmationSet(Dictionary<(IpAddr, ushort), Confirmation> services) => _services = services;

    public static ConfirmationSet Empty { get; } = new([]);

    public int Count => _services.Count;

    /// <returns>Null for a service that was never asked.</returns>
    public Confirmation? Of(in IpAddr host, ushort port) => _services.GetValueOrDefault((host, port));

    public ConfirmationSet With(in IpAddr host, ushort port, Confirmation confirmation)
    {
        var services = new Dictionary<(IpAddr Host, ushort Port), Confirmation>(_services) { [(host, port)] = confirmation };
        if (services.Count > MaxServices) services.Remove(services.MinBy(s => s.Value.At).Key);
        return new ConfirmationSet(services);
    }
}

/// <summary>What suspected reflectors said. Written by who asks, one thread, read by detection.</summary>
public sealed class ConfirmationBoard
{
    private ConfirmationSet _current = ConfirmationSet.Empty;

    public ConfirmationSet Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }
}
