using System.Globalization;
using System.Text.Json.Nodes;
using Breakwater.Core.Flows;
using Breakwater.Protocols.Cbor;

namespace Breakwater.Protocols.Dots;

/// <summary>
/// The body of a DOTS message: CBOR on the wire, and in memory the JSON that the RFCs write it as, with every value in the form that its parameter has.
/// </summary>
/// <remarks>RFC 9132 §6; RFC 9244 §12; RFC 9066 §6.2.</remarks>
public static class DotsBody
{
    /// <summary>Content-Format of "application/dots+cbor" (RFC 9132 §10.4).</summary>
    public const uint ContentFormat = 271;

    /// <summary>Maps and lists inside each other; the deepest message has nine.</summary>
    private const int MaxDepth = 16;

    /// <summary>Reads CBOR.</summary>
    /// <param name="cbor">Untrusted octets.</param>
    /// <param name="body">The message; empty on error.</param>
    /// <param name="problem">What is wrong, for the sender; null when nothing is.</param>
    public static DecodeError Read(ReadOnlySpan<byte> cbor, out JsonObject body, out string? problem)
    {
        var reader = new CborReader(cbor);
        problem = null;
        body = ReadMap(ref reader, 0, ref problem);
        if (problem is null && !reader.AtEnd) problem = reader.Failed ? "the body is not well-formed CBOR" : "octets follow the body";
        if (problem is null) return DecodeError.None;
        body = [];
        return reader.Failed ? DecodeError.Truncated : DecodeError.InvalidValue;
    }

    /// <summary>Writes CBOR. Accepts what people write in JSON: enumerations as label or code, 64-bit numbers and decimals as string or number.</summary>
    /// <param name="body">Parameters by their names.</param>
    /// <param name="cbor">The octets; empty on error.</param>
    /// <param name="problem">Which parameter is wrong, and how; null when none is.</param>
    public static bool TryWrite(JsonObject body, out byte[] cbor, out string? problem)
    {
        var writer = new CborWriter();
        problem = null;
        WriteMap(writer, body, 0, ref problem);
        cbor = problem is null ? writer.ToArray() : [];
        return problem is null;
    }

    /// <summary>Writes a body that this program made.</summary>
    /// <exception cref="ArgumentException">A parameter is unknown or of the wrong form.</exception>
    public static byte[] Write(JsonObject body) => TryWrite(body, out var cbor, out var problem) ? cbor : throw new ArgumentException(problem, nameof(body));

    private static JsonObject ReadMap(ref CborReader reader, int depth, ref string? problem)
    {
        var map = new JsonObject();
        if (depth > MaxDepth) problem ??= "maps are nested too deep";
        if (problem is not null) return map;
        for (var left = reader.Map(); problem is null && reader.Next(ref left);)
        {
            var key = reader.Unsigned();
            if (reader.Failed) break;
            if (DotsParameters.Find(key) is not { } parameter)
            {
                if (DotsParameters.MustBeUnderstood(key)) problem = string.Create(CultureInfo.InvariantCulture, $"the parameter with key {key} is not understood");
                else reader.Skip();
                continue;
            }
            var value = ReadValue(ref reader, parameter, depth, ref problem);
            if (reader.Failed) problem ??= $"{parameter.Name} is not of its type";
            if (problem is null && !map.TryAdd(parameter.Name, value)) problem = $"{parameter.Name} comes twice";
        }
        return map;
    }

    private static JsonNode? ReadValue(ref CborReader reader, DotsParameter parameter, int depth, ref string? problem)
    {
        switch (parameter.Kind)
        {
            case DotsKind.Container:
                return ReadMap(ref reader, depth + 1, ref problem);
            case DotsKind.List:
                {
                    var list = new JsonArray();
                    for (var left = reader.Array(); problem is null && reader.Next(ref left);) list.Add((JsonNode)ReadMap(ref reader, depth + 1, ref problem));
                    return list;
                }
            case DotsKind.TextList or DotsKind.NumberList or DotsKind.EnumerationList:
                {
                    var list = new JsonArray();
                    for (var left = reader.Array(); problem is null && reader.Next(ref left);) list.Add(ReadScalar(ref reader, parameter, ref problem));
                    return list;
                }
            default:
                return ReadScalar(ref reader, parameter, ref problem);
        }
    }

    private static JsonValue? ReadScalar(ref CborReader reader, DotsParameter parameter, ref string? problem)
    {
        switch (parameter.Kind)
        {
            case DotsKind.Text or DotsKind.TextList:
                return JsonValue.Create(reader.Text());
            case DotsKind.Number or DotsKind.NumberList:
                {
                    var number = reader.Unsigned();
                    if (number > uint.MaxValue) problem ??= $"{parameter.Name} is too large";
                    return JsonValue.Create((long)number);
                }
            case DotsKind.Counter:
                return JsonValue.Create(reader.Unsigned().ToString(CultureInfo.InvariantCulture));
            case DotsKind.Lifetime:
                {
                    var number = reader.Integer();
                    if (number is < -1 or > uint.MaxValue) problem ??= $"{parameter.Name} is out of range";
                    return JsonValue.Create(number);
                }
            case DotsKind.Decimal:
                return ReadDecimal(ref reader, parameter, ref problem);
            case DotsKind.Boolean:
                return JsonValue.Create(reader.Boolean());
            default:
                {
                    var code = reader.Unsigned();
                    if (code == 0 || code > (ulong)parameter.Labels!.Count)
                    {
                        problem ??= string.Create(CultureInfo.InvariantCulture, $"{parameter.Name} has no value {code}");
                        return null;
                    }
                    return JsonValue.Create(parameter.Labels[(int)code - 1]);
                }
        }
    }

    /// <summary>RFC 8949 §3.4.4: tag 4, exponent and mantissa; the exponent is -2 here.</summary>
    private static JsonValue ReadDecimal(ref CborReader reader, DotsParameter parameter, ref string? problem)
    {
        var tag = reader.Tag();
        var items = reader.Array();
        var exponent = reader.Integer();
        var mantissa = reader.Integer();
        if (!reader.Failed && (tag != 4 || items != 2 || exponent != -2 || mantissa is < 0 or > uint.MaxValue)) problem ??= $"{parameter.Name} is not a decimal with two places";
        return JsonValue.Create(Hundredths(mantissa));
    }

    private static string Hundredths(long value) => (value / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    private static void WriteMap(CborWriter writer, JsonObject map, int depth, ref string? problem)
    {
        if (depth > MaxDepth) problem ??= "objects are nested too deep";
        if (problem is not null) return;
        writer.Map(map.Count);
        foreach (var (name, value) in map)
        {
            if (DotsParameters.Find(name) is not { } parameter)
            {
                problem ??= $"there is no parameter '{name}'";
                return;
            }
            writer.Unsigned((ulong)parameter.Key);
            WriteValue(writer, parameter, value, depth, ref problem);
            if (problem is not null) return;
        }
    }

    private static void WriteValue(CborWriter writer, DotsParameter parameter, JsonNode? value, int depth, ref string? problem)
    {
        switch (parameter.Kind)
        {
            case DotsKind.Container when value is JsonObject map:
                WriteMap(writer, map, depth + 1, ref problem);
                break;
            case DotsKind.List when value is JsonArray list:
                writer.Array(list.Count);
                foreach (var item in list)
                {
                    if (item is JsonObject map) WriteMap(writer, map, depth + 1, ref problem);
                    else problem ??= $"{parameter.Name} must hold objects";
                }
                break;
            case DotsKind.TextList or DotsKind.NumberList or DotsKind.EnumerationList when value is JsonArray list:
                writer.Array(list.Count);
                foreach (var item in list) WriteScalar(writer, parameter, item, ref problem);
                break;
            case DotsKind.Container or DotsKind.List or DotsKind.TextList or DotsKind.NumberList or DotsKind.EnumerationList:
                problem ??= $"{parameter.Name} must be {(parameter.Kind == DotsKind.Container ? "an object" : "an array")}";
                break;
            default:
                WriteScalar(writer, parameter, value, ref problem);
                break;
        }
    }

    private static void WriteScalar(CborWriter writer, DotsParameter parameter, JsonNode? node, ref string? problem)
    {
        var text = node is JsonValue value ? value.ToString() : null;
        var isText = node is JsonValue && node.GetValueKind() == System.Text.Json.JsonValueKind.String;
        switch (parameter.Kind)
        {
            case DotsKind.Text or DotsKind.TextList when isText:
                writer.Text(text!);
                break;
            case DotsKind.Number or DotsKind.NumberList when !isText && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number):
                writer.Unsigned(number);
                break;
            case DotsKind.Counter when ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var counter):
                writer.Unsigned(counter);
                break;
            case DotsKind.Lifetime when !isText && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var lifetime) && lifetime is >= -1 and <= uint.MaxValue:
                writer.Integer(lifetime);
                break;
            case DotsKind.Decimal when decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var fraction)
                && fraction <= uint.MaxValue / 100m && fraction * 100 == decimal.Truncate(fraction * 100):
                writer.Tag(4).Array(2).Integer(-2).Integer((long)(fraction * 100));
                break;
            case DotsKind.Boolean when text is "true" or "false" && !isText:
                writer.Boolean(text == "true");
                break;
            case DotsKind.Enumeration or DotsKind.EnumerationList when Code(parameter.Labels!, text, isText) is { } code:
                writer.Unsigned((ulong)code);
                break;
            default:
                problem ??= $"{parameter.Name} cannot be {node?.ToJsonString() ?? "null"}";
                break;
        }
    }

    private static int? Code(IReadOnlyList<string> labels, string? text, bool isText)
    {
        if (!isText) return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code >= 1 && code <= labels.Count ? code : null;
        for (var i = 0; i < labels.Count; i++)
            if (labels[i] == text) return i + 1;
        return null;
    }
}
