using System.Buffers.Binary;
using Breakwater.Core.Flows;

namespace Breakwater.Protocols.Ipfix;

/// <summary>What one options data record tells of sampling and of the exporter's clock.</summary>
/// <remarks>
/// RFC 3954 §6.1 (scopes of v9), IE 34, 48 to 50 (sampled NetFlow), RFC 5477 §8.2 (IE 302 to 311). The same rate may be told
/// in several ways in one record; a record that tells none leaves things as they are.
/// </remarks>
internal ref struct OptionsRecord
{
    private const ushort V9InterfaceScope = 2;

    private uint? _sampler;
    private uint? _interface;
    private uint? _domain;
    private ulong? _interval, _space, _size, _population, _timeInterval, _timeSpace, _random, _legacy, _boot;
    private double? _probability;

    public void Add(FieldSpecifier field, ReadOnlySpan<byte> value)
    {
        if (field.Enterprise != 0 || value.IsEmpty) return;
        var number = FieldCursor.Unsigned(value);
        if (field.IsV9Scope)
        {
            if (field.Element == V9InterfaceScope) _interface = (uint)number;
            return;
        }
        switch ((Element)field.Element)
        {
            case Element.SamplerId or Element.SelectorId: _sampler = (uint)number; break;
            case Element.IngressInterface: _interface = (uint)number; break;
            case Element.ObservationDomainId when field.IsScope && number != 0: _domain = (uint)number; break;
            case Element.SamplingInterval: _legacy = number; break;
            case Element.SamplerRandomInterval: _random = number; break;
            case Element.SamplingPacketInterval: _interval = number; break;
            case Element.SamplingPacketSpace: _space = number; break;
            case Element.SamplingTimeInterval: _timeInterval = number; break;
            case Element.SamplingTimeSpace: _timeSpace = number; break;
            case Element.SamplingSize: _size = number; break;
            case Element.SamplingPopulation: _population = number; break;
            case Element.SamplingProbability: _probability = Float(value); break;
            case Element.SystemInitTimeMilliseconds: _boot = number; break;
        }
    }

    /// <summary>Announces what the record told to the exporter's sampling table.</summary>
    public readonly void Apply(ObservationDomain domain, Exporter exporter)
    {
        if (_boot is > 0) domain.BootMilliseconds = _boot;
        if (Rate() is not { } rate) return;
        var (scope, key) = (_sampler, _interface) switch
        {
            ({ } sampler, _) => (SamplingScope.Sampler, sampler),
            (null, { } input) => (SamplingScope.Interface, input),
            _ => (SamplingScope.Domain, 0u),
        };
        if (!exporter.Sampling.Announce(_domain ?? domain.Id, scope, key, rate)) exporter.Count(DecodeError.TableFull);
        if (scope == SamplingScope.Sampler) domain.Sampling.Learn(key);
    }

    /// <summary>1:N, or null when the record tells no rate. An interval of 0 is "not configured here", not "every packet".</summary>
    private readonly uint? Rate() =>
        SamplingArithmetic.Ratio(_population, _size)
        ?? (_interval is > 0 && _space is not null ? SamplingArithmetic.Ratio(_interval + _space, _interval) : null)
        ?? (_timeInterval is > 0 && _timeSpace is not null ? SamplingArithmetic.Ratio(_timeInterval + _timeSpace, _timeInterval) : null)
        ?? (_probability is > 0 and <= 1 ? (uint?)Math.Min(Math.Round(1 / _probability.Value), uint.MaxValue) : null)
        ?? SamplingArithmetic.Ratio(_random, 1)
        ?? SamplingArithmetic.Ratio(_legacy, 1)
        ?? SamplingArithmetic.Ratio(_interval, 1);

    private static double? Float(ReadOnlySpan<byte> value) => value.Length switch
    {
        4 => BinaryPrimitives.ReadSingleBigEndian(value),
        8 => BinaryPrimitives.ReadDoubleBigEndian(value),
        _ => null,
    };
}
