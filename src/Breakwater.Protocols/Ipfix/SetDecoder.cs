using System.Buffers;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Decodes the sets of a NetFlow v9 or IPFIX message: templates, options and data.</summary>
/// <remarks>RFC 3954 §5 (FlowSets); RFC 7011 §3.3 (Sets). Header and sequence numbers are the business of the two decoders.</remarks>
internal sealed class SetDecoder
{
    private const int SetHeaderLength = 4;
    private const int FirstDataSet = 256;

    private readonly TemplateDialect _dialect;
    private readonly TemplateOptions _options;
    private readonly bool _honoursWithdrawals;
    private readonly WaitingRoom _waiting;

    // The message being decoded.
    private Exporter _exporter = null!;
    private ObservationDomain _domain = null!;
    private ExportClock _headerClock;
    private ExportClock _clock;
    private FlowBatch _output = null!;
    private DecodeError _firstError;
    private bool _isSecondPass;
    private bool _sawData;
    private bool _sawOptionsAfterData;
    private uint _records;
    private bool _recordsAreKnown;

    public SetDecoder(TemplateDialect dialect, TemplateOptions options, bool honoursWithdrawals)
    {
        _dialect = dialect;
        _options = options;
        _honoursWithdrawals = honoursWithdrawals;
        Store = new TemplateStore(options);
        _waiting = new WaitingRoom(options);
        Store.Evicted = _waiting.DropAll;
    }

    public TemplateStore Store { get; }

    /// <param name="message">The whole message: its header must be at least <see cref="FieldSlot.Lead"/> - 4 octets.</param>
    /// <param name="headerLength">Where the first set begins.</param>
    /// <param name="records">Data records in the message; null when a set could not be read, so that nobody can tell.</param>
    public DecodeError Decode(
        ReadOnlySpan<byte> message, int headerLength, in ExportClock clock, ObservationDomain domain, Exporter exporter, FlowBatch output,
        out uint? records)
    {
        (_exporter, _domain, _output) = (exporter, domain, output);
        _firstError = DecodeError.None;
        _records = 0;
        _recordsAreKnown = true;
        SetClock(clock);
        var flowsBefore = output.Count;
        var ratesBefore = exporter.Sampling.Version;

        _isSecondPass = _sawData = _sawOptionsAfterData = false;
        DecodeSets(message, headerLength);
        records = _recordsAreKnown ? _records : null;
        if (_sawOptionsAfterData && exporter.Sampling.Version != ratesBefore)
        {
            // The rate came behind the records that it is for: read these once more.
            output.Truncate(flowsBefore);
            _isSecondPass = true;
            DecodeSets(message, headerLength);
        }
        DecodeWaiting();
        CountFlows(flowsBefore);
        return _firstError;
    }

    public void Export(IBufferWriter<byte> output) => TemplateMemory.Write(Store, _dialect, output);

    public int Import(ReadOnlySpan<byte> saved) => TemplateMemory.Read(saved, Store, _dialect, _options);

    private void SetClock(in ExportClock clock)
    {
        _headerClock = clock;
        _clock = !clock.HasUptime && _domain.BootMilliseconds is { } boot ? clock.WithBoot(boot) : clock;
    }

    private void DecodeSets(ReadOnlySpan<byte> message, int at)
    {
        while (message.Length - at >= SetHeaderLength)
        {
            var header = new WireReader(message.Slice(at, SetHeaderLength));
            var id = header.U16();
            var length = header.U16();
            if (length < SetHeaderLength)
            {
                // Some exporters pad a whole message with zeros; anything else here is damage.
                if (id != 0 || length != 0) Fail(DecodeError.InvalidLength);
                return;
            }
            var end = at + length;
            if (end > message.Length)
            {
                Fail(DecodeError.Truncated);
                _recordsAreKnown = false;
                end = message.Length;
            }
            DecodeSet(message[..end], id, at + SetHeaderLength);
            at = end;
        }
        if (at < message.Length && message[at..].ContainsAnyExcept((byte)0)) Fail(DecodeError.Truncated);
    }

    private void DecodeSet(ReadOnlySpan<byte> message, ushort id, int start)
    {
        var templateSet = _dialect == TemplateDialect.Ipfix ? 2 : 0;
        if (id >= FirstDataSet) DecodeData(message, id, start);
        else if (id == templateSet || id == templateSet + 1)
        {
            if (!_isSecondPass) LearnTemplates(message[start..], id != templateSet);
        }
        else Fail(DecodeError.InvalidSet);
    }

    private void LearnTemplates(ReadOnlySpan<byte> set, bool isOptions)
    {
        var reader = new TemplateReader(_dialect, isOptions, _options.MaxFieldsPerTemplate, set);
        while (reader.MoveNext())
        {
            if (reader.IsWithdrawal) Withdraw(reader.TemplateId, isOptions);
            else Learn(ref reader, isOptions);
        }
        Fail(reader.Error);
    }

    private void Learn(ref TemplateReader reader, bool isOptions)
    {
        var known = _domain.Find(reader.TemplateId);
        if (known is not null && known.IsOptions == isOptions && reader.Definition.SequenceEqual(known.Definition)) return;
        var template = new Template(reader.TemplateId, isOptions, reader.Fields(), reader.Definition.ToArray());
        if (template.MinLength == 0)
        {
            // Records of no length would never end (RFC 7011 has no such template; some exporters do).
            Fail(DecodeError.InvalidTemplate);
            return;
        }
        Store.Add(_domain, template);
        _domain.HasNews = true;
    }

    /// <summary>RFC 7011 §8.1; but §8.4: over UDP a withdrawal must be ignored, since anybody could have sent it.</summary>
    private void Withdraw(ushort templateId, bool isOptions)
    {
        if (!_honoursWithdrawals) return;
        if (templateId >= FirstDataSet)
        {
            Store.Remove(_domain, templateId);
            return;
        }
        foreach (var template in _domain.Templates.Values.Where(t => t.IsOptions == isOptions).ToArray()) Store.Remove(_domain, template.Id);
    }

    private void DecodeData(ReadOnlySpan<byte> message, ushort id, int start)
    {
        if (_domain.Find(id) is { } template)
        {
            if (template.IsOptions) ReadOptions(template, message[start..]);
            else ReadFlows(template, message, start);
            return;
        }
        _recordsAreKnown = false;
        if (_isSecondPass) return;
        if (!_waiting.TryAdd(_domain, id, message[start..], _headerClock)) Fail(DecodeError.UnknownTemplate);
    }

    private void ReadOptions(Template template, ReadOnlySpan<byte> set)
    {
        if (_isSecondPass) return;
        _sawOptionsAfterData |= _sawData;
        while (set.Length >= template.MinLength)
        {
            var fields = new FieldCursor(template.Fields, set);
            var record = new OptionsRecord();
            while (fields.MoveNext()) record.Add(fields.Field, fields.Value);
            if (fields.Failed)
            {
                Fail(DecodeError.Truncated);
                return;
            }
            record.Apply(_domain, _exporter);
            _records++;
            set = set[fields.Length..];
        }
        SetClock(_headerClock);
    }

    private void ReadFlows(Template template, ReadOnlySpan<byte> message, int start)
    {
        _sawData = true;
        var plan = template.Plan!;
        var filler = new FlowFiller(plan, _clock, _domain, _exporter.Sampling);
        if (plan.Gather is not null) ReadGathered(template, plan, filler, message[start..]);
        else
        {
            var length = plan.Length;
            if (!plan.IsTraffic)
            {
                Count((uint)((message.Length - start) / length));
                return;
            }
            var records = 0u;
            for (; message.Length - start >= length; start += length, records++)
            {
                if (!Emit(plan, filler, message.Slice(start - FieldSlot.Lead, length + FieldSlot.Lead), plan.SectionLength)) break;
            }
            Count(records);
        }
    }

    private void ReadGathered(Template template, RecordPlan plan, in FlowFiller filler, ReadOnlySpan<byte> set)
    {
        const int onStack = 1024;
        var size = plan.Length + FieldSlot.Lead;
        var window = size <= onStack ? stackalloc byte[onStack] : new byte[size];
        window = window[..size];
        while (set.Length >= template.MinLength)
        {
            if (!RecordGatherer.TryGather(plan, set, window[FieldSlot.Lead..], out var consumed, out var sectionLength))
            {
                Fail(DecodeError.Truncated);
                _recordsAreKnown = false;
                return;
            }
            Count(1);
            set = set[consumed..];
            if (plan.IsTraffic && !Emit(plan, filler, window, sectionLength)) return;
        }
    }

    /// <returns>False when the batch is full.</returns>
    private bool Emit(RecordPlan plan, in FlowFiller filler, ReadOnlySpan<byte> window, int sectionLength)
    {
        if (_output.IsFull) return Fail(DecodeError.TooManyRecords);
        ref var flow = ref _output.Next();
        flow.Exporter = _exporter.Number;
        if ((plan.Traits & PlanTraits.PacketSection) != 0 && !ParseSection(plan, filler, window, sectionLength, ref flow))
        {
            _output.Undo();
            return true;
        }
        filler.Fill(window, ref flow);
        if ((plan.Traits & PlanTraits.Biflow) == 0) return true;
        if (_output.IsFull) return Fail(DecodeError.TooManyRecords);
        ref var reverse = ref _output.Next();
        if (!filler.FillReverse(window, flow, ref reverse)) _output.Undo();
        return true;
    }

    /// <summary>Reads the sampled packet that a record carries.</summary>
    /// <returns>False when it cannot be read and the record's own fields do not say who talks to whom either.</returns>
    private bool ParseSection(RecordPlan plan, in FlowFiller filler, ReadOnlySpan<byte> window, int length, ref Flow flow)
    {
        var section = window.Slice(FieldSlot.Lead + plan.SectionOffset, length);
        var isReadable = PacketParser.TryParse(section, plan.SectionLinkType, filler.SectionOriginalLength(window), ref flow, out var error);
        Fail(error);
        if (isReadable) return true;
        flow = new Flow { Exporter = _exporter.Number };
        return (plan.Traits & (PlanTraits.V4 | PlanTraits.V6)) != 0;
    }

    /// <summary>Decodes what waited for the templates that this message brought, as far as the batch has room.</summary>
    private void DecodeWaiting()
    {
        if (_domain.Waiting.Count == 0) return;
        _waiting.DropExpired(_domain, _clock.ReceivedAt);
        if (!_domain.HasNews) return;
        _domain.HasNews = false;
        _isSecondPass = true;
        for (var left = _domain.Waiting.Count; left > 0; left--)
        {
            var set = _waiting.Take(_domain)!;
            // A set of a full batch waits on: the next message of the domain finds it ready.
            var mustWait = _domain.Find(set.TemplateId) is null;
            var isPostponed = _output.Count >= FlowBatch.Capacity - set.Bytes.Length;
            _domain.HasNews |= !mustWait && isPostponed;
            if (mustWait || isPostponed)
            {
                _waiting.Return(_domain, set);
                continue;
            }
            SetClock(set.Clock);
            DecodeData(set.Bytes, set.TemplateId, FieldSlot.Lead);
        }
    }

    private void Count(uint records)
    {
        if (!_isSecondPass) _records += records;
    }

    private void CountFlows(int before)
    {
        var flows = _output.Flows[before..];
        var packets = 0L;
        foreach (ref readonly var flow in flows) packets += flow.SampledPackets;
        _exporter.Flows += flows.Length;
        _exporter.SampledPackets += packets;
    }

    private bool Fail(DecodeError error)
    {
        if (_isSecondPass || error == DecodeError.None) return false;
        _exporter.Count(error);
        if (_firstError == DecodeError.None) _firstError = error;
        return false;
    }
}
