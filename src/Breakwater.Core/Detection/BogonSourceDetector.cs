namespace Breakwater.Core.Detection;

/// <summary>Floods whose sources are mostly addresses that nobody can send from.</summary>
/// <remarks>
/// Special-purpose sources in numbers are an attack by themselves. Private or own addresses may be a leak or a tap in an unusual
/// place, so they only name what another detector calls an attack: this one comes last in the composition.
/// </remarks>
public sealed class BogonSourceDetector : IDetector
{
    /// <summary>Share of impossible sources from which they are what the attack is known by.</summary>
    private const double VectorShare = 0.5;

    public string Name => "bogon-sources";

    public void Examine(Examination look, List<Finding> findings)
    {
        var found = findings.Count;
        foreach (var component in look.In.Components)
        {
            if (!look.IsEnough(component) || !look.IsSpread(component)) continue;
            var forged = look.ForgedSources(component);
            var bogons = forged.Share - forged.Land;
            if (bogons < VectorShare) continue;
            var rate = Examination.PacketRate(component);
            var sources = component.Peers;
            var alone = forged.Special >= VectorShare && (rate >= 500 || (rate >= 20 && sources >= 10));
            if (!alone && !IsAttack(component, findings, found)) continue;
            findings.Add(look.Claim(Name, Vectors.BogonSources, component, inbound: true, 0.75 + (bogons >= 0.9 ? 0.15 : 0),
                $"{Examination.Percent(bogons)} of {Examination.Count(component.Packets)} packets at {Examination.Count(rate)}/s come from addresses that cannot be real ({Sorts(forged)})",
                $"would not have fired with less than {Examination.Percent(VectorShare)} of such sources",
                new("rate", Math.Round(rate, 1)), new("sources", Math.Round(sources)),
                new("special", Math.Round(forged.Special, 3)), new("local", Math.Round(forged.Local, 3)), new("own", Math.Round(forged.Own, 3))));
        }
    }

    private static bool IsAttack(TrafficComponent component, List<Finding> findings, int count)
    {
        for (var i = 0; i < count; i++)
            if (findings[i].Kind == Incidents.IncidentKind.Ddos && findings[i].Component == component.Key) return true;
        return false;
    }

    private static string Sorts(ForgedSources forged)
    {
        var sorts = new List<string>(3);
        if (forged.Special > 0) sorts.Add($"special-purpose {Examination.Percent(forged.Special)}");
        if (forged.Local > 0) sorts.Add($"private or shared {Examination.Percent(forged.Local)}");
        if (forged.Own > 0) sorts.Add($"our own from outside {Examination.Percent(forged.Own)}");
        return string.Join(", ", sorts);
    }
}
