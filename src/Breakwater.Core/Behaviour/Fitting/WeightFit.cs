namespace Breakwater.Core.Behaviour.Fitting;

/// <summary>Fits the weights of signs to hosts of known guilt. Deterministic: the same hosts come to the same weights.</summary>
/// <remarks>
/// Logistic regression by gradient descent, each weight held near where it starts as by a normal distribution of deviation <see cref="Deviation"/>: few hosts move it little. As in
/// the fusion, of each family the strongest sign counts. How many of the hosts are infected says nothing of networks elsewhere, so the intercept is fitted and thrown away
/// (King, Zeng, "Logistic Regression in Rare Events Data", Political Analysis 2001): the weights go with the prior of <see cref="Prior"/>.
/// </remarks>
public static class WeightFit
{
    /// <summary>By how much a weight is believed to be wrong, in log-odds.</summary>
    public const double Deviation = 1.5;

    /// <summary>Log-odds that any given host is infected before anything is known: one in a thousand.</summary>
    public static readonly double Prior = Math.Log(0.001 / 0.999);

    private const int Steps = 4_000;
    private const double Rate = 0.5;

    /// <summary>Weight of each sign that is seen in a host; the others are as they start.</summary>
    /// <param name="hosts">Hosts to learn from.</param>
    /// <param name="start">Weight of every sign that may occur.</param>
    public static IReadOnlyDictionary<string, double> Fit(IReadOnlyList<LabelledHost> hosts, IReadOnlyDictionary<string, double> start)
    {
        var weights = new SortedDictionary<string, double>(start.ToDictionary(), StringComparer.Ordinal);
        if (hosts.Count == 0) return weights;
        var vectors = hosts.Select(h => (Signs: Strongest(h, start), h.IsInfected)).ToArray();
        var seen = vectors.SelectMany(v => v.Signs).Select(s => s.Key).Distinct().Order(StringComparer.Ordinal).ToArray();
        var intercept = 0.0;
        for (var step = 0; step < Steps; step++)
        {
            var slope = seen.ToDictionary(s => s, s => (weights[s] - start[s]) / (Deviation * Deviation * hosts.Count));
            var interceptSlope = 0.0;
            foreach (var (signs, isInfected) in vectors)
            {
                var wrong = Logistic(intercept + signs.Sum(s => weights[s.Key] * s.Value)) - (isInfected ? 1 : 0);
                interceptSlope += wrong / hosts.Count;
                foreach (var sign in signs) slope[sign.Key] += wrong * sign.Value / hosts.Count;
            }
            intercept -= Rate * interceptSlope;
            // Nothing that a behaviour finds odd makes a host less suspicious.
            foreach (var sign in seen) weights[sign] = Math.Max(0, weights[sign] - Rate * slope[sign]);
        }
        return weights;
    }

    /// <summary>How likely a host is infected, with such weights, in a network like any other.</summary>
    public static double Probability(LabelledHost host, IReadOnlyDictionary<string, double> weights) =>
        Logistic(Prior + Strongest(host, weights).Sum(s => weights[s.Key] * s.Value));

    /// <summary>What is stated of hosts that were not learnt from: each group once, by weights fitted to the other parts.</summary>
    /// <param name="folds">Parts that the groups are dealt out to, in turn, by name.</param>
    public static IReadOnlyList<Claim> HeldOut(IReadOnlyList<LabelledHost> hosts, IReadOnlyDictionary<string, double> start, int folds)
    {
        var part = hosts.Select(h => h.Group).Distinct().Order(StringComparer.Ordinal).Select((group, i) => (group, i)).ToDictionary(g => g.group, g => g.i % folds);
        var claims = new List<Claim>();
        for (var fold = 0; fold < folds; fold++)
        {
            var weights = Fit([.. hosts.Where(h => part[h.Group] != fold)], start);
            claims.AddRange(hosts.Where(h => part[h.Group] == fold).Select(h => new Claim(Probability(h, weights), h.IsInfected)));
        }
        return claims;
    }

    private static KeyValuePair<string, double>[] Strongest(LabelledHost host, IReadOnlyDictionary<string, double> weights) =>
        [.. host.Signs.Where(s => weights.ContainsKey(s.Key)).GroupBy(s => SignNames.FamilyOf(s.Key)).Select(f => f.MaxBy(s => weights[s.Key] * s.Value))];

    private static double Logistic(double logOdds) => 1 / (1 + Math.Exp(-logOdds));
}
