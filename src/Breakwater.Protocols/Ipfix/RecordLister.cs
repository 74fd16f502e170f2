using Breakwater.Protocols.Net;

namespace Breakwater.Protocols.Ipfix;

/// <summary>Lists every field of every data record of a message by the templates known now. Changes nothing.</summary>
internal static class RecordLister
{
    private const int FirstDataSet = 256;

    public static List<DataRecord> List(ReadOnlySpan<byte> message, int headerLength, ObservationDomain? domain)
    {
        var records = new List<DataRecord>();
        var reader = new WireReader(message);
        reader.Skip(headerLength);
        while (domain is not null && reader.Remaining >= 4)
        {
            var id = reader.U16();
            var length = reader.U16();
            if (length < 4) break;
            var set = reader.Bytes(Math.Min(length - 4, reader.Remaining));
            if (id >= FirstDataSet && domain.Templates.TryGetValue(id, out var template)) ListSet(template, set, records);
        }
        return records;
    }

    private static void ListSet(Template template, ReadOnlySpan<byte> set, List<DataRecord> records)
    {
        while (set.Length >= template.MinLength)
        {
            var fields = new List<FieldValue>(template.Fields.Length);
            var cursor = new FieldCursor(template.Fields, set);
            while (cursor.MoveNext()) fields.Add(new FieldValue(cursor.Field, cursor.Value.ToArray()));
            if (cursor.Failed) return;
            records.Add(new DataRecord(template.Id, template.IsOptions, fields));
            set = set[cursor.Length..];
        }
    }
}
