using System.Text.Json;

namespace Breakwater.SystemTests.Support;

/// <summary>The program itself, <c>breakwater serve</c>, with a configuration of its own on ports of its own.</summary>
internal sealed class Service : IDisposable
{
    /// <summary>The program as built with this test.</summary>
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "breakwater.dll");

    private readonly string _address;
    private readonly Command _process;

    private Service(Command process, int port, string host)
    {
        _process = process;
        _address = $"http://{host}:{port}";
        Http = new HttpClient { BaseAddress = new Uri(_address), Timeout = TimeSpan.FromSeconds(30) };
    }

    public HttpClient Http { get; }

    /// <summary>What it wrote to the terminal.</summary>
    public string Output => _process.Output;

    /// <summary>The command line that runs the program with these arguments.</summary>
    public static string[] Breakwater(params string[] arguments) => [Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet", Program, .. arguments];

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    public static Task<Service> Start(ServiceSettings settings, params string[] arguments) => Start(settings, [], arguments);

    /// <summary>The same by way of another program, such as one that takes privileges away.</summary>
    public static async Task<Service> Start(ServiceSettings settings, string[] wrapper, string[] arguments)
    {
        var file = settings.Folder.Write("breakwater.yaml", settings.ToYaml());
        var process = Command.Start([.. wrapper, .. Breakwater(["serve", "--config", file, .. arguments])], settings.Folder.Path);
        var service = new Service(process, settings.HttpPort, "127.0.0.1");
        try
        {
            await service.Ready();
            return service;
        }
        catch
        {
            service.Dispose();
            throw;
        }
    }

    public Task Ready() => Poll.Until("/health/ready answers 200", async () =>
    {
        if (_process.HasExited) throw new InvalidOperationException("the service ended by itself:\n" + Output);
        try
        {
            using var answer = await Http.GetAsync("/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }, TimeSpan.FromSeconds(90), () => Output);

    public async Task<JsonElement> Get(string path)
    {
        using var answer = await Http.GetAsync(path);
        answer.EnsureSuccessStatusCode();
        using var document = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync());
        return document.RootElement.Clone();
    }

    /// <summary>The newest incidents, open and ended.</summary>
    public async Task<IReadOnlyList<IncidentView>> Incidents() =>
        [.. (await Get("/api/v1/incidents?limit=200")).GetProperty("incidents").EnumerateArray().Select(i => new IncidentView(i))];

    /// <summary>Sum of one counter over all its labels.</summary>
    public async Task<double> Metric(string name, string label = "")
    {
        var text = await Http.GetStringAsync("/metrics");
        return text.Split('\n').Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
            .Where(line => line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..]));
    }

    /// <summary>Memory of the process now, in octets.</summary>
    public long ResidentBytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) * 1024;
    }

    /// <summary>SIGHUP: read the configuration again.</summary>
    public Task Reload() => Command.Run(["kill", "-HUP", _process.Id.ToString()]);

    /// <summary>SIGKILL: as when the power goes.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> Stop() => _process.Terminate();

    public void Dispose()
    {
        Http.Dispose();
        _process.Dispose();
    }
}
