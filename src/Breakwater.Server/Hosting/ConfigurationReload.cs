using Breakwater.Engine.Detection;
using Breakwater.Engine.Flows;
using Breakwater.Engine.Hygiene;
using Breakwater.Engine.Sharing;
using Breakwater.Server.Configuration;

namespace Breakwater.Server.Hosting;

/// <summary>Reads the configuration file, and the files it names that may change, again and puts in force what may change live; a file with a mistake changes nothing.</summary>
/// <param name="running">The options in force: the parts of the service hold them, so they are changed in place.</param>
/// <param name="file">The file that they came from; null for the defaults.</param>
internal sealed class ConfigurationReload(
    BreakwaterOptions running, string? file, DetectionService detection, IEnumerable<FlowListener> listeners, SharingDesk sharing, FeedService feeds, RoutedPrefixFile routed, ILogger<ConfigurationReload> logger)
{
    private const string Defaults = "built-in defaults";

    public void Run()
    {
        routed.Read();
        var fresh = ConfigurationFile.Load(file);
        foreach (var problem in fresh.Problems) logger.ConfigurationMistake(file, problem);
        if (fresh.IsGood) TakeUp(fresh.Options);
    }

    private void TakeUp(BreakwaterOptions fresh)
    {
        var changes = ConfigurationChanges.Between(running, fresh).ToList();
        foreach (var change in changes.Where(c => !c.IsLive)) logger.NeedsRestart(file ?? Defaults, change.Path);
        var live = changes.Where(c => c.IsLive).ToList();
        if (live.Count == 0)
        {
            logger.NothingChanged(file ?? Defaults);
            return;
        }
        // Detection reads its options without locks, so its own thread sets them all.
        detection.Change(() =>
        {
            foreach (var change in live) change.Apply!();
            foreach (var listener in listeners) listener.Exporters.SetOverrides(running.Flows.Sampling);
            sharing.TakeUpOptions();
            feeds.TakeUpOptions();
            logger.Changed(file ?? Defaults, string.Join(", ", live.Select(c => c.Path)));
        });
    }
}
