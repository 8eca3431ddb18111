using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Cli.Commands;

/// <summary>Says in JSON Schema what commands answer with <c>--json</c>.</summary>
internal static class JsonSchemaCommand
{
    public static Command Create()
    {
        var name = new Argument<string[]>("command")
        {
            Description = "A command, such as consumers list; all by default.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new ToolCommand("json-schema", "Writes the JSON Schema of what commands answer with --json.")
        {
            Examples =
            [
                ("json-schema verify", "Of one command"),
                ("json-schema consumers list > consumers.schema.json", "Into a file"),
                ("json-schema", "Of all, by the names of commands with dashes"),
            ],
        };
        command.Arguments.Add(name);
        return command.SetHandler((call, _) =>
        {
            var whole = Read();
            var asked = string.Join('-', call.Get(name));
            if (asked.Length > 0)
            {
                if (whole["$defs"]![asked] is null) // The file has definitions: a test reads it.
                    throw new CliException(
                        ExitCode.NotFound, $"No schema is known of '{string.Join(' ', call.Get(name))}'.",
                        "'millrace json-schema' shows all.");
                whole["$ref"] = "#/$defs/" + asked;
            }
            call.Text.WriteLine(whole.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
            return Task.FromResult(ExitCode.Done);
        });
    }

    /// <summary>The file under docs/reference, which is part of the program.</summary>
    internal static JsonObject Read()
    {
        // The project puts it there.
        using var stream = typeof(JsonSchemaCommand).Assembly.GetManifestResourceStream("cli.schema.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
