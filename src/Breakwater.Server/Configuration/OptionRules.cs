using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Breakwater.Server.Configuration;

/// <summary>The rules that options classes put on their properties, in words.</summary>
internal static class OptionRules
{
    public static bool Holds(ValidationAttribute rule, object value)
    {
        if (rule is not RangeAttribute range) return rule.IsValid(value);
        // On a list, a range is about its items.
        if (value is IEnumerable items and not string) return items.Cast<object>().All(item => Holds(rule, item));
        if (value is not IConvertible) return range.IsValid(value);
        // Compared as numbers, not in the type of the bounds: 3 G is no int, and that is not the operator's fault.
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        return number >= Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture) && number <= Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
    }

    /// <summary>Says why a value breaks a rule.</summary>
    public static string Explain(ValidationAttribute rule, object value) => rule switch
    {
        { ErrorMessage: { } words } => words,
        RangeAttribute range => $"{(value is IEnumerable and not string ? "an entry" : ScalarValues.Write(Number(value)))} is outside {Describe(range)}",
        MaxLengthAttribute most => $"has more than {most.Length} {(value is string ? "characters" : "entries")}",
        MinLengthAttribute least => $"has fewer than {least.Length} {(value is string ? "characters" : "entries")}",
        RequiredAttribute => "must not be empty",
        _ => "is not valid",
    };

    /// <summary>The rule for the reference: <c>1 to 1T</c>; null for one that needs more words than a table has room for.</summary>
    public static string? Describe(ValidationAttribute rule) => rule switch
    {
        RangeAttribute range => $"{Bound(range, range.Minimum)} to {Bound(range, range.Maximum)}",
        MaxLengthAttribute most => $"at most {most.Length}",
        MinLengthAttribute least => $"at least {least.Length}",
        _ => null,
    };

    private static object Number(object value) => value is IConvertible ? Convert.ToDouble(value, CultureInfo.InvariantCulture) : value;

    /// <summary>Bounds of types without literals, such as durations, are given as text in the type's own notation.</summary>
    private static string Bound(RangeAttribute range, object bound) =>
        bound is TimeSpan ? ScalarValues.Write(bound)
        : range.OperandType == typeof(TimeSpan) ? ScalarValues.Write(TimeSpan.Parse((string)bound, CultureInfo.InvariantCulture))
        : ScalarValues.Write(Convert.ToDouble(bound, CultureInfo.InvariantCulture));
}
