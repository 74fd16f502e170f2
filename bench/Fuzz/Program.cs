using System.CommandLine;
using System.Globalization;
using Breakwater.Fuzz;

var target = new Option<string>("--target") { Description = "Targets or groups, separated by commas: " + string.Join(", ", FuzzTargets.Names) + "; flow, file, all", DefaultValueFactory = _ => "all" };
var count = new Option<long>("--count") { Description = "Inputs in all, shared evenly among the targets; 0 for no limit" };
var seconds = new Option<double>("--seconds") { Description = "Seconds in all, shared evenly among the targets; 0 for no limit" };
var seed = new Option<int>("--seed") { Description = "The same seed gives the same inputs", DefaultValueFactory = _ => 1 };
var save = new Option<string>("--save") { Description = "Folder for inputs that failed", DefaultValueFactory = _ => "fuzz-failures" };
var replay = new Option<string?>("--replay") { Description = "Feed one saved input to the one target named, instead of fuzzing" };

var root = new RootCommand("Feeds mutated inputs to every parser; fails on an exception, a hang or growing memory.") { target, count, seconds, seed, save, replay };
root.SetAction(arguments =>
{
    var names = FuzzTargets.Resolve(arguments.GetValue(target)!, out var unknown);
    if (unknown is not null)
    {
        Console.Error.WriteLine($"--target: '{unknown}' is neither a target nor a group");
        return 2;
    }
    if (arguments.GetValue(replay) is { } file)
    {
        foreach (var name in names) Console.WriteLine($"{name}: {FuzzTargets.Create(name).Feed(File.ReadAllBytes(file))}");
        return 0;
    }

    var inputs = arguments.GetValue(count);
    var time = arguments.GetValue(seconds);
    if (inputs <= 0 && time <= 0) time = 10 * names.Count;
    var failed = 0;
    long total = 0;
    foreach (var name in names)
    {
        var options = new FuzzOptions
        {
            Seed = arguments.GetValue(seed),
            Count = (inputs + names.Count - 1) / names.Count,
            Duration = TimeSpan.FromSeconds(time / names.Count),
        };
        var result = new FuzzRun(FuzzTargets.Create(name), options).Run();
        total += result.Inputs;
        Report(result);
        if (result.Failure is null) continue;
        failed++;
        var path = Path.Combine(Directory.CreateDirectory(arguments.GetValue(save)!).FullName, $"{name}-{options.Seed}-{result.Inputs}.bin");
        File.WriteAllBytes(path, result.Failure.Input);
        Console.WriteLine($"  FAILED: {result.Failure.Reason}");
        Console.WriteLine($"  input saved: {path}; again with --target {name} --replay {path}");
    }
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{total:N0} inputs, {names.Count} targets, {failed} failed"));
    return failed == 0 ? 0 : 1;
});
return root.Parse(args).Invoke();

static void Report(FuzzResult result)
{
    var rate = result.Inputs / Math.Max(1e-3, result.Elapsed.TotalSeconds);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{result.Target,-13} {result.Inputs,12:N0} inputs {rate,10:N0}/s  {result.AllocatedPerInput,8:N1} B allocated/input  {result.Retained / 1024,7:N0} KiB held"));
    Console.WriteLine("  " + string.Join("  ", result.Outcomes.OrderByDescending(o => o.Value).Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Key} {o.Value:N0}"))));
}
