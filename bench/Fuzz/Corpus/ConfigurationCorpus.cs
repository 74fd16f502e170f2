using System.Text;

namespace Breakwater.Fuzz.Corpus;

/// <summary>Good configuration files: every key, every way to write it, and aliases that multiply as far as they may.</summary>
public static class ConfigurationCorpus
{
    /// <summary>What YAML and our values give a meaning to.</summary>
    public static IReadOnlyList<string> Tokens { get; } =
    [
        "*g", "&g ", "*p", "&p ", "<<: *g", "!!int ", "!x ", "---\n", "...\n", "%YAML 1.2\n", "? ", ": ", "- ", "|\n", ">-\n", "\n  ", "\t", "# ",
        "{", "}", "[", "]", ",", "\"", "'", "\"\\u0000\"", "\"\\n\"", "~", "null", "true", "auto", ".inf", "-1", "0", "1e308", "99999999999999999999", "0x10",
        "1TiB", "30d", "5ms", "192.0.2.0/24", "::/0", "0.0.0.0/0", "[::1]:0", "home: ", "host_groups:\n", "default: ", "prefixes: ", "inbound: ",
    ];

    public static IEnumerable<byte[]> Files() => new[] { Everything, Flow, Plain, Quoted, Aliases(), "", "# nothing\n" }.Select(Encoding.UTF8.GetBytes);

    private const string Everything =
        """
        home: [192.0.2.0/24, 198.51.100.0/24, 2001:db8::/32]
        host_groups:
          default:
            inbound: {packets_per_second: 80k}
          resolvers:
            prefixes: [192.0.2.53/32, 2001:db8::53/128]
            inbound: &p {udp_packets_per_second: 200k, bits_per_second: 5G, flows_per_second: 1e5}
            outbound: *p
        flows:
          listen: ["127.0.0.1:2055", "[::1]:4739"]
          receive_buffer: 16MiB
          max_exporters: 100
          sampling:
            - {exporter: 192.0.2.1, rate: 1000}
            - {exporter: 2001:db8::1, interface: 7, rate: 1}
        capture:
          enabled: no
          interfaces: [eth0, lo]
          promiscuous: true
          snap: 128
          ring_mebibytes: 4
        detection:
          max_hosts: 2M
          max_watched: 512
          watch_ordinary_hosts: ~
          burst: 250ms
          hold: 1m30s
          armed: 0s
          exit_share: 0.5
          baseline: {sensitivity: 4.5, floor: 10k, learning: 12h, days: 7, growth_per_day: 1.3}
        storage:
          path: ./data
          incident_retention: 400d
        api:
          listen: 127.0.0.1:8080
          tokens:
            - {name: grafana, role: viewer, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}
          allow_loopback_viewer: false
          allowed_hosts: [breakwater.example.net]
        notifications:
          script: {path: /usr/local/bin/notify, time_limit: 30s, concurrency: 4}

        """;

    private const string Flow = "{home: [10.0.0.0/8], detection: {hold: 5m, burst: 50ms}, api: {listen: '[::1]:8080', max_event_clients: 3}}";

    private const string Plain = "home:\n- 192.0.2.0/24\nhost-groups:\n  web:\n    prefixes:\n    - 192.0.2.64/26\nstorage:\n";

    private const string Quoted = "\"home\": ['192.0.2.0/24', \"2001:db8::/32\"]\nstorage:\n  path: >-\n    /var/lib/breakwater\nnotifications:\n  script:\n    path: |-\n      /bin/true\n";

    /// <summary>Lists of lists of aliases, nine of each: 9^6 entries out of a file of one KiB, where no list is expected.</summary>
    private static string Aliases()
    {
        var file = new StringBuilder("host_groups:\n  a: &g {prefixes: &p0 [192.0.2.0/24]}\n");
        for (var level = 1; level <= 6; level++)
            file.Append(null, $"  b{level}:\n    prefixes: &p{level} [{string.Join(", ", Enumerable.Repeat($"*p{level - 1}", 9))}]\n");
        return file.Append("home: *p0\n").ToString();
    }
}
