namespace Breakwater.Protocols.Ipfix;

/// <summary>What NetFlow v9 and IPFIX do differently with the same idea of sets and templates.</summary>
internal enum TemplateDialect
{
    /// <summary>RFC 3954: sets 0 and 1, no enterprise numbers, options templates measured in octets, scope types of their own.</summary>
    NetFlowV9,

    /// <summary>RFC 7011: sets 2 and 3, enterprise bit, options templates counted in fields, withdrawals.</summary>
    Ipfix,
}
