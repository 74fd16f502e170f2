using System.Text;

namespace Breakwater.Fuzz.Corpus;

/// <summary>What <c>nft -j</c> of version 1.0.6 says: of a table of ours, of others', and of all there are.</summary>
public static class NftablesCorpus
{
    /// <summary>A table of ours with a host, a network and an IPv6 network.</summary>
    public const string OurTable = """
        {"nftables": [{"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", "json_schema_version": 1}},
        {"table": {"family": "inet", "name": "breakwater", "handle": 2}},
        {"counter": {"family": "inet", "name": "m-0123456789ab", "table": "breakwater", "handle": 13, "packets": 5, "bytes": 600}},
        {"counter": {"family": "inet", "name": "m-2", "table": "breakwater", "handle": 14, "packets": 0, "bytes": 0}},
        {"set": {"family": "inet", "name": "breakwater-alive", "table": "breakwater", "type": "nf_proto", "handle": 4, "flags": ["timeout"], "elem": [{"elem": {"val": "ipv4", "timeout": 30, "expires": 29}}, {"elem": {"val": "ipv6", "timeout": 30, "expires": 29}}]}},
        {"map": {"family": "inet", "name": "k4-32", "table": "breakwater", "type": "ipv4_addr", "handle": 7, "map": "verdict", "flags": ["timeout"], "elem": [[{"elem": {"val": "192.0.2.7", "timeout": 600, "expires": 599}}, {"jump": {"target": "k4-32-c0000207"}}]]}},
        {"map": {"family": "inet", "name": "l6-48", "table": "breakwater", "type": "ipv6_addr", "handle": 9, "map": "verdict", "elem": [["2001:db8::", {"jump": {"target": "l6-48-20010db8000000000000000000000000"}}], ["2001:db8:1::", {"jump": {"target": "l6-48-20010db8000100000000000000000000"}}]]}},
        {"chain": {"family": "inet", "table": "breakwater", "name": "hook0", "handle": 1, "type": "filter", "hook": "prerouting", "prio": -450, "policy": "accept"}},
        {"chain": {"family": "inet", "table": "breakwater", "name": "dispatch", "handle": 2}},
        {"chain": {"family": "inet", "table": "breakwater", "name": "k4-32-c0000207", "handle": 15}},
        {"rule": {"family": "inet", "table": "breakwater", "chain": "hook0", "handle": 5, "expr": [{"jump": {"target": "dispatch"}}]}},
        {"rule": {"family": "inet", "table": "breakwater", "chain": "dispatch", "handle": 6, "comment": "leased", "expr": [{"match": {"op": "==", "left": {"meta": {"key": "nfproto"}}, "right": "@breakwater-alive"}}, {"goto": {"target": "leased"}}]}},
        {"rule": {"family": "inet", "table": "breakwater", "chain": "dispatch", "handle": 11, "comment": "k4-32", "expr": [{"vmap": {"key": {"payload": {"protocol": "ip", "field": "daddr"}}, "data": "@k4-32"}}]}},
        {"rule": {"family": "inet", "table": "breakwater", "chain": "k4-32-c0000207", "handle": 18, "comment": "m-0123456789ab", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "sport"}}, "right": {"set": [53, {"range": [1024, 65535]}]}}}, {"match": {"op": "==", "left": {"&": [{"payload": {"protocol": "tcp", "field": "flags"}}, ["syn", "ack"]]}, "right": "syn"}}, {"counter": "m-0123456789ab"}, {"drop": null}]}},
        {"rule": {"family": "inet", "table": "breakwater", "chain": "k4-32-c0000207", "handle": 20, "comment": "m-2", "expr": [{"match": {"op": "==", "left": {"payload": {"base": "th", "offset": 0, "len": 8}}, "right": 8}}, {"limit": {"rate": 125000, "burst": 0, "per": "second", "inv": true, "rate_unit": "bytes", "burst_unit": "bytes"}}, {"counter": "m-2"}, {"drop": null}]}}]}
        """;

    /// <summary>A table of the same name that somebody else made.</summary>
    public const string OthersTable = """
        {"nftables": [{"metainfo": {"version": "1.0.9", "json_schema_version": 1}}, {"table": {"family": "inet", "name": "breakwater", "handle": 9}},
        {"set": {"family": "inet", "name": "friends", "table": "breakwater", "type": ["ipv4_addr", "inet_service"], "handle": 2, "elem": [{"concat": ["192.0.2.1", 80]}]}},
        {"chain": {"family": "inet", "table": "breakwater", "name": "in", "handle": 1}},
        {"rule": {"family": "inet", "table": "breakwater", "chain": "in", "handle": 3, "expr": [{"counter": {"packets": 9, "bytes": 900}}, {"accept": null}]}}]}
        """;

    public const string Tables = """
        {"nftables": [{"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", "json_schema_version": 1}}, {"table": {"family": "ip", "name": "breakwater", "handle": 1}}, {"table": {"family": "inet", "name": "breakwater", "handle": 2}}]}
        """;

    public static IEnumerable<byte[]> Listings() => new[] { OurTable, OthersTable, Tables }.Select(Encoding.UTF8.GetBytes);
}
