namespace Breakwater.Server.Cli;

/// <summary>Standard input as a file: a capture is read twice (once to infer the home network), a pipe only once.</summary>
internal sealed class SpooledInput : IDisposable
{
    private SpooledInput(string path) => Path = path;

    public string Path { get; }

    /// <summary>Copies standard input to a temporary file, to its end.</summary>
    public static SpooledInput Read(CancellationToken cancel)
    {
        var spooled = new SpooledInput(System.IO.Path.GetTempFileName());
        try
        {
            using var file = File.OpenWrite(spooled.Path);
            using var input = Console.OpenStandardInput();
            input.CopyToAsync(file, cancel).GetAwaiter().GetResult();
            return spooled;
        }
        catch
        {
            spooled.Dispose();
            throw;
        }
    }

    public void Dispose() => File.Delete(Path);
}
