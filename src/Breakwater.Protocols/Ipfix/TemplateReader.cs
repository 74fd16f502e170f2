using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Reads the template records of one template set or options template set.</summary>
/// <remarks>RFC 3954 §5.2 and §6.1; RFC 7011 §3.4.1 and §3.4.2.</remarks>
internal ref struct TemplateReader(TemplateDialect dialect, bool isOptions, int maxFields, ReadOnlySpan<byte> set)
{
    private const ushort EnterpriseBit = 0x8000;
    private const int FirstDataSet = 256;

    private readonly ReadOnlySpan<byte> _set = set;
    private WireReader _reader = new(set);
    private int _scopes;

    public ushort TemplateId { get; private set; }

    public int FieldCount { get; private set; }

    /// <summary>True when the record withdraws <see cref="TemplateId"/>, or all templates of the set's kind when that is the set's own number.</summary>
    public readonly bool IsWithdrawal => dialect == TemplateDialect.Ipfix && FieldCount == 0;

    /// <summary>The record's octets, from its template identifier to its last field specifier.</summary>
    public ReadOnlySpan<byte> Definition { get; private set; }

    /// <summary>What stopped <see cref="MoveNext"/>; templates read before stay good.</summary>
    public DecodeError Error { get; private set; }

    /// <summary>Goes to the next record; its fields are not read until <see cref="Fields"/>, since most are refreshes.</summary>
    public bool MoveNext()
    {
        var headerLength = isOptions && !(dialect == TemplateDialect.Ipfix && IsWithdrawalNext()) ? 6 : 4;
        if (_reader.Remaining < headerLength || IsPadding()) return false;
        var start = _reader.Position;
        TemplateId = _reader.U16();
        ReadCounts(headerLength);
        if (Error != DecodeError.None) return false;
        SkipFields();
        if (_reader.Failed) return Fail(DecodeError.Truncated);
        if (TemplateId < FirstDataSet && !IsWithdrawal) return Fail(DecodeError.InvalidTemplate);
        if (FieldCount > maxFields) return Fail(DecodeError.TableFull);
        if (FieldCount == 0 && dialect == TemplateDialect.NetFlowV9) return Fail(DecodeError.InvalidTemplate);
        Definition = _set[start.._reader.Position];
        return true;
    }

    /// <summary>The fields of the record, scope fields first.</summary>
    public readonly FieldSpecifier[] Fields()
    {
        var fields = new FieldSpecifier[FieldCount];
        var reader = new WireReader(Definition);
        reader.Skip(isOptions ? 6 : 4);
        for (var i = 0; i < fields.Length; i++)
        {
            var element = reader.U16();
            var length = reader.U16();
            var isScope = i < _scopes;
            var hasEnterprise = dialect == TemplateDialect.Ipfix && (element & EnterpriseBit) != 0;
            fields[i] = hasEnterprise
                ? new FieldSpecifier(reader.U32(), (ushort)(element & ~EnterpriseBit), length, isScope)
                : new FieldSpecifier(0, element, length, isScope, isScope && dialect == TemplateDialect.NetFlowV9);
        }
        return fields;
    }

    private void ReadCounts(int headerLength)
    {
        if (!isOptions)
        {
            FieldCount = _reader.U16();
            _scopes = 0;
        }
        else if (dialect == TemplateDialect.NetFlowV9)
        {
            // RFC 3954 §6.1: lengths in octets, of 4-octet specifiers.
            var scopeLength = _reader.U16();
            var optionLength = _reader.U16();
            if (scopeLength % 4 != 0 || optionLength % 4 != 0) Fail(DecodeError.InvalidTemplate);
            _scopes = scopeLength / 4;
            FieldCount = _scopes + optionLength / 4;
        }
        else
        {
            FieldCount = _reader.U16();
            _scopes = headerLength == 6 ? _reader.U16() : 0;
            if (_scopes > FieldCount) Fail(DecodeError.InvalidTemplate);
        }
    }

    private void SkipFields()
    {
        if (dialect == TemplateDialect.NetFlowV9)
        {
            _reader.Skip(FieldCount * 4);
            return;
        }
        for (var i = 0; i < FieldCount && !_reader.Failed; i++)
        {
            var hasEnterprise = (_reader.U16() & EnterpriseBit) != 0;
            _reader.Skip(hasEnterprise ? 6 : 2);
        }
    }

    /// <summary>RFC 7011 §8.1: a withdrawal has a field count of 0 and no scope count, even in an options template set.</summary>
    private readonly bool IsWithdrawalNext() => _reader.Rest is [_, _, 0, 0, ..];

    /// <summary>Sets may be padded with zeros to a multiple of 4 or 8 (RFC 7011 §3.3.1); some exporters pad more.</summary>
    private readonly bool IsPadding() => _reader.Rest is [0, 0, 0, 0, ..];

    private bool Fail(DecodeError error)
    {
        Error = error;
        return false;
    }
}
