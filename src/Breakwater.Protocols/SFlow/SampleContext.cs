using Breakwater.Core.Flows;

namespace Breakwater.Protocols.SFlow;

/// <summary>What the samples of one datagram share.</summary>
internal readonly record struct SampleContext(Exporter Exporter, uint SubAgent, Timestamp ReceivedAt, FlowBatch Output);

/// <summary>Values of sample_type with enterprise 0: sFlow v5 §5, and 5 by the dropped packet structures of 2020.</summary>
internal static class SampleFormat
{
    public const uint Flow = 1;
    public const uint Counters = 2;
    public const uint ExpandedFlow = 3;
    public const uint ExpandedCounters = 4;
    public const uint Discarded = 5;
}

/// <summary>Values of flow_format with enterprise 0 (sFlow v5 §5) that we read.</summary>
internal static class RecordFormat
{
    public const uint SampledHeader = 1;
    public const uint SampledEthernet = 2;
    public const uint SampledIpv4 = 3;
    public const uint SampledIpv6 = 4;
    public const uint ExtendedSwitch = 1001;
    public const uint ExtendedRouter = 1002;
    public const uint ExtendedGateway = 1003;
}
