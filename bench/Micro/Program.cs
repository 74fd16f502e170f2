using Breakwater.Micro;

// Times the steps of the hot path one by one: dotnet run --project bench/Micro -c Release -- [NAME…]
var chosen = Benches.All.Where(b => args.Length == 0 || args.Any(a => b.Name.Contains(a, StringComparison.Ordinal))).ToArray();
if (chosen.Length == 0)
{
    Console.Error.WriteLine("no such benchmark; there are: " + string.Join(", ", Benches.All.Select(b => b.Name)));
    return 2;
}
foreach (var bench in chosen) bench.Run();
return 0;
