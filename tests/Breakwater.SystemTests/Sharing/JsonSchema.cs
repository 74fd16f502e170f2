using Breakwater.SystemTests.Support;

namespace Breakwater.SystemTests.Sharing;

/// <summary>Another's validator, python3-jsonschema, over the standards' own schemas.</summary>
internal static class JsonSchema
{
    private const string Program = """
        import json, pathlib, sys, warnings
        warnings.simplefilter("ignore")
        import jsonschema
        folder, main, instance = sys.argv[1:]
        schemas = {}
        for path in pathlib.Path(folder).rglob("*.json"):
            schema = json.loads(path.read_text())
            if isinstance(schema, dict): schemas[schema.get("$id", path.resolve().as_uri())] = schema
        schema = json.loads(pathlib.Path(main).read_text())
        kind = jsonschema.Draft202012Validator
        try:
            from referencing import Registry, Resource
            from referencing.jsonschema import DRAFT202012
            known = Registry().with_resources([(uri, Resource.from_contents(s, default_specification=DRAFT202012)) for uri, s in schemas.items()])
            validator = kind(schema, registry=known, format_checker=jsonschema.FormatChecker())
        except ImportError:
            validator = kind(schema, resolver=jsonschema.RefResolver(schema["$id"], schema, store=schemas), format_checker=jsonschema.FormatChecker())
        wrong = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in validator.iter_errors(json.loads(pathlib.Path(instance).read_text()))]
        print("\n".join(wrong))
        """;

    /// <summary>What is wrong with a document, one line each; empty when nothing is.</summary>
    /// <param name="folder">Every schema that the main one refers to lies below it.</param>
    /// <param name="schema">The main one.</param>
    public static async Task<string[]> Problems(string folder, string schema, string document, TemporaryFolder temporary)
    {
        var instance = temporary.Write($"{Guid.NewGuid()}.json", document);
        var output = await Command.Run(["python3", temporary.Write("validate.py", Program), folder, schema, instance]);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
