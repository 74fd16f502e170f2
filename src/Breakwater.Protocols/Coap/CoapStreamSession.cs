using System.Text;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Coap;

/// <summary>CoAP over TCP or TLS: settings first, then messages without type or ID; ping and pong, release and abort.</summary>
/// <remarks>RFC 8323 §3 to §6.</remarks>
public sealed class CoapStreamSession : CoapSession
{
    private const int MaxMessageSizeOption = 2;
    private const int BlockWiseOption = 4;
    private const int CustodyOption = 2;
    private const int BadCsmOption = 2;

    /// <summary>What a peer takes before its settings say otherwise (RFC 8323 §5.3.1).</summary>
    private const int BaseMessageSize = 1152;

    /// <summary>Room for header and options beside a payload.</summary>
    private const int Overhead = 256;

    private readonly int _maxMessageSize;
    private byte[] _input = [];
    private int _filled;
    private bool _peerSettled;
    private int _peerMessageSize = BaseMessageSize;
    private bool _peerBlockWise;

    /// <summary>Queues our settings at once.</summary>
    /// <param name="maxMessageSize">The longest message we take, in octets.</param>
    public CoapStreamSession(int maxMessageSize, Random random) : base(random)
    {
        _maxMessageSize = maxMessageSize;
        Send(CoapFrame.Write(new CoapMessage
        {
            Code = CoapCode.Csm,
            Options = [CoapOption.Uint(MaxMessageSizeOption, (uint)maxMessageSize), new CoapOption(BlockWiseOption, default)],
        }));
    }

    public override bool IsReliable => true;

    public override int MaxPayload => Math.Max(16, Math.Min(_peerMessageSize, _maxMessageSize) - Overhead);

    /// <summary>True when the peer takes blocks that are several times 1024 octets in one message (BERT, RFC 8323 §6).</summary>
    public bool PeerTakesBert => _peerBlockWise && _peerMessageSize > BaseMessageSize;

    public override void Receive(Timestamp now, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty && !IsClosed)
        {
            bytes = bytes[Fill(bytes.Span)..];
            if (!ReadFrames(now)) return;
        }
    }

    public override void Respond(Timestamp now, CoapMessage request, CoapMessage? response)
    {
        if (response is not null && !IsClosed) Send(CoapFrame.Write(response with { Token = request.Token }));
    }

    /// <summary>Says that this end will close, and asks the peer to (RFC 8323 §5.5).</summary>
    public void Release()
    {
        if (IsClosed) return;
        Send(CoapFrame.Write(new CoapMessage { Code = CoapCode.Release }));
        Close();
    }

    private protected override void Transmit(Timestamp now, CoapMessage message)
    {
        if (!IsClosed) Send(CoapFrame.Write(message));
    }

    /// <summary>Copies as much as fits beside what is there: the longest message and no more, however much the peer sends at once.</summary>
    private int Fill(ReadOnlySpan<byte> bytes)
    {
        var wanted = Math.Min(_filled + bytes.Length, _maxMessageSize);
        if (_input.Length < wanted) Array.Resize(ref _input, Math.Min(Math.Max(wanted, 2 * _input.Length), _maxMessageSize));
        var taken = Math.Min(bytes.Length, _input.Length - _filled);
        bytes[..taken].CopyTo(_input.AsSpan(_filled));
        _filled += taken;
        return taken;
    }

    private bool ReadFrames(Timestamp now)
    {
        var start = 0;
        while (!IsClosed)
        {
            var waiting = _input.AsSpan(start, _filled - start);
            var error = CoapFrame.Measure(waiting, _maxMessageSize, out var length);
            if (error == DecodeError.None && (length == 0 || length > waiting.Length)) break;
            CoapMessage? message = null;
            // The message outlives the buffer.
            if (error == DecodeError.None) error = CoapFrame.Read(waiting[..length].ToArray(), out message);
            if (error != DecodeError.None || message is null)
            {
                Malformed++;
                Abort("message format error");
                return false;
            }
            start += length;
            LastReceived = now;
            Process(message);
        }
        if (IsClosed) return false;
        _input.AsSpan(start, _filled - start).CopyTo(_input);
        _filled -= start;
        return true;
    }

    private void Process(CoapMessage message)
    {
        // Settings come first (RFC 8323 §5.3); Empty messages may come at any time and mean nothing (§5.4).
        if (message.Code == CoapCode.Empty) return;
        if (!_peerSettled && message.Code != CoapCode.Csm)
        {
            Abort("settings must come first");
            return;
        }
        if (message.Code.IsSignal()) Signal(message);
        else if (message.Code.IsRequest()) Raise(CoapEventKind.Request, message);
        else if (message.Code.IsResponse()) Deliver(message);
    }

    private void Signal(CoapMessage message)
    {
        foreach (var option in message.Options)
        {
            if (!option.IsCritical) continue;
            // No critical signaling option is defined for any of the codes (RFC 8323 §11.2).
            Abort("critical option is not understood", message.Code == CoapCode.Csm ? option.Number : null);
            return;
        }
        switch (message.Code)
        {
            case CoapCode.Csm:
                _peerSettled = true;
                if (message.Uint(MaxMessageSizeOption) is { } size) _peerMessageSize = (int)Math.Min(size, int.MaxValue);
                _peerBlockWise |= message.TryOption(BlockWiseOption, out _);
                break;
            case CoapCode.Ping:
                // Everything before the ping has been handed on by now, which is what custody asks for (RFC 8323 §5.4.1).
                Send(CoapFrame.Write(new CoapMessage
                {
                    Code = CoapCode.Pong,
                    Token = message.Token,
                    Options = message.TryOption(CustodyOption, out _) ? [new CoapOption(CustodyOption, default)] : [],
                }));
                break;
            case CoapCode.Release or CoapCode.Abort:
                Close();
                break;
            default:
                // A pong, or a code that is not defined: nothing to do.
                break;
        }
    }

    private void Abort(string diagnostic, int? badOption = null)
    {
        Send(CoapFrame.Write(new CoapMessage
        {
            Code = CoapCode.Abort,
            Options = badOption is { } number ? [CoapOption.Uint(BadCsmOption, (uint)number)] : [],
            Payload = Encoding.UTF8.GetBytes(diagnostic),
        }));
        Close();
    }
}
