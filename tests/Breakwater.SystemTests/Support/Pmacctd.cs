namespace Breakwater.SystemTests.Support;

/// <summary>pmacctd with its nfprobe or sfprobe plugin: a NetFlow v9, IPFIX and sFlow v5 exporter that shares no code with us.</summary>
internal static class Pmacctd
{
    /// <summary>Reads a capture and exports all of it.</summary>
    /// <param name="version">5, 9 or 10 for NetFlow; 0 for sFlow.</param>
    public static async Task Export(string capture, int version, string receiver)
    {
        using var folder = new TemporaryFolder();
        var plugin = version == 0 ? "sfprobe" : "nfprobe";
        string[] lines =
        [
            "daemonize: false", $"pcap_savefile: {capture}",
            // The reader must not run ahead of the plugin, or packets are lost between them.
            "plugin_pipe_size: 104857600", "plugin_buffer_size: 102400",
            $"plugins: {plugin}", $"{plugin}_receiver: {receiver}",
            .. version == 0
                ? ["sampling_rate: 1"]
                : new[] { $"nfprobe_version: {version}", "aggregate: src_host, dst_host, src_port, dst_port, proto, tos, tcpflags" },
        ];
        // At the end of the file it stops its plugin, and when that is gone before itself it exits with 1. What it exported is compared with a witness.
        await Command.Run(["sh", "-c", "pmacctd -f \"$1\" || test $? = 1", "pmacctd", folder.Write("pmacctd.conf", string.Join('\n', lines) + "\n")]);
    }

    /// <summary>Watches an interface of a namespace, and exports its packets as sFlow samples.</summary>
    public static Command WatchAsSflow(NetworkNamespace network, TemporaryFolder folder, int sampling, string receiver)
    {
        var configuration = $"""
            daemonize: false
            pcap_interface: {NetworkNamespace.ReplayOut}
            plugins: sfprobe
            sfprobe_receiver: {receiver}
            sfprobe_agentip: {network.There}
            sampling_rate: {sampling}
            plugin_pipe_size: 104857600
            plugin_buffer_size: 102400

            """;
        return Command.Start(network.Wrap(["pmacctd", "-f", folder.Write($"sfprobe-{sampling}.conf", configuration)]));
    }
}
