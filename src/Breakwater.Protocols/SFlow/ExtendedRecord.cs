using Breakwater.Core.Flows;
using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.SFlow;

/// <summary>Extended flow data: what a switch, router or gateway knows beyond the packet. A flow has no field for it: it is checked and left.</summary>
/// <remarks>sFlow v5 §5, "Extended Flow Data". Structures may grow at their end, so longer records are well-formed.</remarks>
internal static class ExtendedRecord
{
    private const uint AsSet = 1;
    private const uint AsSequence = 2;

    public static DecodeError Check(uint format, ReadOnlySpan<byte> record)
    {
        var reader = new WireReader(record);
        var valid = true;
        switch (format)
        {
            case RecordFormat.ExtendedSwitch:
                reader.Skip(4 * sizeof(uint));              // source and destination VLAN and priority
                break;
            case RecordFormat.ExtendedRouter:
                reader.Address(out valid);                  // next hop
                reader.Skip(2 * sizeof(uint));              // source and destination mask length
                break;
            case RecordFormat.ExtendedGateway:
                valid = Gateway(ref reader);
                break;
        }
        return !valid ? DecodeError.InvalidValue : reader.Failed ? DecodeError.InvalidLength : DecodeError.None;
    }

    private static bool Gateway(ref WireReader reader)
    {
        reader.Address(out var valid);                      // next hop
        reader.Skip(3 * sizeof(uint));                      // AS of the router, of the source, of the source's peer
        var segments = reader.U32();
        for (uint i = 0; i < segments && valid && !reader.Failed; i++)
        {
            valid = reader.U32() is AsSet or AsSequence;
            SkipIntegers(ref reader);
        }
        SkipIntegers(ref reader);                           // communities
        reader.U32();                                       // localpref
        return valid || reader.Failed;
    }

    private static void SkipIntegers(ref WireReader reader)
    {
        var count = reader.U32();
        reader.Skip(count <= int.MaxValue / sizeof(uint) ? (int)count * sizeof(uint) : -1);
    }
}
