using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Cli.Commands;

namespace Millrace.Cli.Tests;

/// <summary>Checks the <c>--json</c> output of the tool in every test against its documented schema.</summary>
internal static class JsonOutputShapes
{
    public static JsonShape Shapes { get; } = new(JsonSchemaCommand.Read());

    public static JsonObject Definitions => JsonSchemaCommand.Read()["$defs"]!.AsObject();

    /// <summary>Fails when the answer or the error of a run does not match docs/reference/cli.schema.json.</summary>
    public static void Check(IReadOnlyList<string> arguments, ToolRun run)
    {
        var parsed = CommandLine.Parse(arguments);
        if (parsed.Errors.Count > 0 || !parsed.GetValue(GlobalOptions.Json) || parsed.CommandResult.Command.Hidden)
            return;
        var name = NameOf(parsed);
        var problems = new List<string>();
        foreach (var value in Values(name, run))
            problems.AddRange(Shapes.Problems(name, value));
        if (run.ExitCode != 0 && run.Error.StartsWith("{\"error\"", StringComparison.Ordinal))
            problems.AddRange(Shapes.Problems("error", run.ErrorJson));
        Assert.True(
            problems.Count == 0,
            $"millrace {string.Join(' ', arguments)}: {string.Join("; ", problems.Take(5))}\n{run.Output}");
    }

    private static string NameOf(ParseResult parsed)
    {
        var names = new List<string>();
        for (var result = parsed.CommandResult; result.Parent is CommandResult parent; result = parent)
            names.Insert(0, result.Command.Name);
        return string.Join('-', names);
    }

    private static IEnumerable<JsonElement> Values(string name, ToolRun run)
    {
        var text = run.Output.TrimStart();
        if (text.Length == 0 || text[0] is not ('{' or '['))
            return []; // The output is the bytes of a payload or a generated C# test.
        return Shapes.Definition(name)["x-output"] is null
            ? [run.Json]
            : run.Lines.Select(line =>
                JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 600 }).RootElement);
    }
}
