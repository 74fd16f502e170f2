namespace Breakwater.Protocols.Ipfix;

/// <summary>A template or options template as the exporter defined it, with its compiled plan. Immutable but for its age.</summary>
internal sealed class Template
{
    /// <param name="definition">The record that defined it, from its identifier on: what is compared at a refresh, and saved.</param>
    public Template(ushort id, bool isOptions, FieldSpecifier[] fields, byte[] definition)
    {
        Id = id;
        IsOptions = isOptions;
        Fields = fields;
        Definition = definition;
        foreach (var field in fields) MinLength += field.IsVariable ? 1 : field.Length;
        Plan = isOptions ? null : RecordPlanCompiler.Compile(fields);
    }

    public ushort Id { get; }
    public bool IsOptions { get; }
    public FieldSpecifier[] Fields { get; }
    public byte[] Definition { get; }

    /// <summary>Octets that a record has at least; what is left of a set below that is padding (RFC 7011 §3.3.1).</summary>
    public int MinLength { get; }

    /// <summary>How to read its records as flows; null for options templates.</summary>
    public RecordPlan? Plan { get; }

    /// <summary>The domain's count of messages when the template was last defined or used.</summary>
    public long LastUsed { get; set; }
}
