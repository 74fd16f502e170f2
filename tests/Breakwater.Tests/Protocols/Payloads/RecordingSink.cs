using System.Runtime.CompilerServices;
using System.Text;
using Breakwater.Core.Behaviour;
using Breakwater.Core.Behaviour.Payload;
using Breakwater.Core.Flows;

namespace Breakwater.Tests.Protocols.Payloads;

/// <summary>Writes down what a reader tells, a line each; or only counts it.</summary>
internal sealed class RecordingSink(bool countOnly = false) : IObservationSink
{
    public List<string> Lines { get; } = [];

    public int Count { get; private set; }

    public void Take<T>(in Flow flow, in T observation) where T : allows ref struct
    {
        Count++;
        if (countOnly) return;
        ref var taken = ref Unsafe.AsRef(in observation);
        if (typeof(T) == typeof(DnsObservation)) Write(Unsafe.As<T, DnsObservation>(ref taken));
        else if (typeof(T) == typeof(RequestObservation)) Write(flow, Unsafe.As<T, RequestObservation>(ref taken));
        else if (typeof(T) == typeof(ContentObservation)) Write(flow, Unsafe.As<T, ContentObservation>(ref taken));
        else if (typeof(T) == typeof(NicknameObservation)) Lines.Add($"nickname {flow.Source} {Text(Unsafe.As<T, NicknameObservation>(ref taken).Nickname)}");
        else if (typeof(T) == typeof(EchoMessage)) Write(flow, Unsafe.As<T, EchoMessage>(ref taken));
        else if (typeof(T) == typeof(WebLogin)) Lines.Add($"{Unsafe.As<T, WebLogin>(ref taken)}");
        else if (typeof(T) == typeof(WebAnswer)) Lines.Add($"{Unsafe.As<T, WebAnswer>(ref taken)}");
        else if (typeof(T) == typeof(FactObservation)) Write(Unsafe.As<T, FactObservation>(ref taken));
    }

    private void Write(in DnsObservation o) => Lines.Add(
        $"dns {o.Client}>{o.Server} {(o.IsResponse ? $"response {o.ResponseCode}" : "query")} {o.QuestionType} {Text(o.Name)} answers={o.Answers} ttl={o.TimeToLive} [{string.Join(' ', o.Addresses.ToArray())}] '{Text(o.Text)}'");

    private void Write(in Flow flow, in RequestObservation o) => Lines.Add(
        $"{(o.IsTls ? "tls" : "http")} {flow.Source}>{flow.Destination} {flow.DestinationPort} {Text(o.ServerName)} {Text(o.Protocol)} {Text(o.Target)} '{Text(o.Signature)}' {(o.IsWhole ? "whole" : "cut")}");

    private void Write(in Flow flow, in ContentObservation o) => Lines.Add($"content {flow.Source}>{flow.Destination} {o.Kind} '{Text(o.MediaType)}' {o.Octets}");

    private void Write(in Flow flow, in EchoMessage o) => Lines.Add($"echo {flow.Source}>{flow.Destination} {(o.IsAnswer ? "reply" : "request")} {o.Identifier} {o.Sequence} {o.Length}");

    private void Write(in FactObservation o) => Lines.Add($"{FactNames.NameOf(o.Kind)} {o.Host} {Text(o.Value)}");

    private static string Text(ReadOnlySpan<byte> octets) => Encoding.Latin1.GetString(octets);
}
