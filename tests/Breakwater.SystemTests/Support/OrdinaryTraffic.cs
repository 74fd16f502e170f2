using System.Globalization;

namespace Breakwater.SystemTests.Support;

/// <summary>Ordinary life through a <see cref="Gateway"/>: machines on either side ask each other over UDP and TCP, and count what stays unanswered.</summary>
internal static class OrdinaryTraffic
{
    /// <summary>Answers to whatever is asked.</summary>
    private const string Server = """
        import socket, threading
        def udp():
            s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind(("::", 4433))
            while True:
                d, a = s.recvfrom(2048); s.sendto(d, a)
        def answer(c):
            with c:
                c.settimeout(2)
                try: c.sendall(c.recv(2048) + b"x" * 4000)
                except OSError: pass
        threading.Thread(target=udp, daemon=True).start()
        s = socket.socket(socket.AF_INET6); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("::", 443)); s.listen(64)
        print("ready", flush=True)
        while True: threading.Thread(target=answer, args=(s.accept()[0],), daemon=True).start()
        """;

    /// <summary>Asks a hundred times a second over UDP and twenty times over TCP.</summary>
    private const string Client = """
        import socket, sys, time
        to, seconds = sys.argv[1], float(sys.argv[2])
        u = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET, socket.SOCK_DGRAM); u.settimeout(0.5); u.connect((to, 4433))
        sent = lost = 0; end = time.time() + seconds; n = 0
        def ask(n):
            u.send(b"%d " % n + b"q" * 80)
            while True:
                if u.recv(2048).startswith(b"%d " % n): return
        def fetch():
            with socket.create_connection((to, 443), 0.5) as c:
                c.settimeout(0.5); c.sendall(b"hello"); got = 0
                while True:
                    d = c.recv(65536)
                    if not d: break
                    got += len(d)
                if got != 4005: raise OSError("cut short")
        while time.time() < end:
            n += 1; began = time.time()
            for what in ([lambda: ask(n)] if n % 5 else [lambda: ask(n), fetch]):
                sent += 1
                try: what()
                except OSError: lost += 1
            time.sleep(max(0, 0.01 - (time.time() - began)))
        print(sent, lost)
        """;

    /// <summary>Starts what answers, in a namespace, and waits until it does.</summary>
    public static async Task<Command> Serve(string name, TemporaryFolder folder)
    {
        var server = Command.Start(Gateway.Within(name, "python3", folder.Write("server.py", Server)));
        await Poll.Until("the server is ready", () => Task.FromResult(server.Output.Contains("ready", StringComparison.Ordinal)), describe: () => server.Output);
        return server;
    }

    /// <summary>Asks through the gateway in both directions at once: who is attacked also needs others.</summary>
    /// <returns>What was asked, and what of it stayed unanswered for half a second.</returns>
    public static async Task<(int Sent, int Lost)> Ask(Gateway gateway, TemporaryFolder folder, double seconds)
    {
        var client = folder.Write("client.py", Client);
        var directions = await Task.WhenAll(
            Ask(gateway.Internet, client, gateway.Server, seconds),
            Ask(gateway.Inside, client, gateway.Client, seconds));
        return (directions.Sum(d => d.Sent), directions.Sum(d => d.Lost));
    }

    private static async Task<(int Sent, int Lost)> Ask(string name, string client, string to, double seconds)
    {
        var said = (await Command.Run(Gateway.Within(name, "python3", client, to, seconds.ToString(CultureInfo.InvariantCulture)))).Split(' ');
        return (int.Parse(said[0], CultureInfo.InvariantCulture), int.Parse(said[1], CultureInfo.InvariantCulture));
    }
}
