using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Makes a fixed-length record of one with variable-length fields, so that both are read by the same plan.</summary>
internal static class RecordGatherer
{
    /// <param name="set">The rest of the set, from the record's first octet.</param>
    /// <param name="gathered">Receives the record, exactly as long as the plan says.</param>
    /// <param name="consumed">Octets of the record in the set.</param>
    /// <param name="sectionLength">Octets of the packet section, if the template has one.</param>
    /// <returns>False when the record runs past the end of the set.</returns>
    public static bool TryGather(RecordPlan plan, ReadOnlySpan<byte> set, Span<byte> gathered, out int consumed, out int sectionLength)
    {
        var reader = new WireReader(set);
        var at = 0;
        sectionLength = 0;
        foreach (var step in plan.Gather!)
        {
            var value = reader.Bytes(step.Source == FieldSpecifier.Variable ? FieldCursor.VariableLength(ref reader) : step.Source);
            var room = gathered.Slice(at, step.Room);
            if (step.AlignLeft)
            {
                value = value[..Math.Min(value.Length, room.Length)];
                value.CopyTo(room);
                room[value.Length..].Clear();
                if (at == plan.SectionOffset) sectionLength = value.Length;
            }
            else
            {
                value = value[Math.Max(0, value.Length - room.Length)..];
                room[..^value.Length].Clear();
                value.CopyTo(room[^value.Length..]);
            }
            at += step.Room;
        }
        consumed = reader.Position;
        return !reader.Failed;
    }
}
