using Breakwater.Core.Behaviour.Spoofing;
using Breakwater.Protocols.Hygiene;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Breakwater.Engine.Hygiene;

/// <summary>Reads the file of routed prefixes, at start and whenever it is told to. What cannot be read leaves in force what was read before.</summary>
/// <param name="path">Empty for none: then nothing is ever read.</param>
public sealed class RoutedPrefixFile(string path, RoutedSpaceBoard board, ILogger<RoutedPrefixFile> logger) : IHostedService
{
    private const long MaxOctets = 256L << 20;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Read();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Read()
    {
        if (path.Length == 0) return;
        try
        {
            if (new FileInfo(path).Length > MaxOctets) throw new IOException("it is larger than 256 MiB");
            var space = new RoutedSpace(RoutedPrefixList.Read(File.ReadAllBytes(path), out var skipped));
            board.Current = space;
            logger.RoutedRead(space.Count, path, skipped);
            if (!space.KnowsV4) logger.RoutedTooFew("IPv4", path);
            if (!space.KnowsV6) logger.RoutedTooFew("IPv6", path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            logger.RoutedUnreadable(path, problem.Message);
        }
    }
}
