using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Cli.Commands;

/// <summary>Writes the JSON Schema of the commands' output with <c>--json</c>.</summary>
internal static class JsonSchemaCommand
{
    public static Command Create()
    {
        var name = new Argument<string[]>("command")
        {
            Description = "The command, such as consumers list; all by default.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new ToolCommand("json-schema", "Writes the JSON Schema of the output with --json.")
        {
            Examples =
            [
                ("json-schema verify", "The schema of one command"),
                ("json-schema consumers list > consumers.schema.json", "To a file"),
                ("json-schema", "The schemas of all commands, by command name with dashes"),
            ],
        };
        command.Arguments.Add(name);
        return command.SetHandler((call, _) =>
        {
            var schema = Read();
            var schemaName = string.Join('-', call.Get(name));
            if (schemaName.Length > 0)
            {
                if (schema["$defs"]![schemaName] is null) // A test checks that the file has definitions.
                    throw new CliException(
                        ExitCode.NotFound, $"There is no schema for '{string.Join(' ', call.Get(name))}'.",
                        "'millrace json-schema' writes all schemas.");
                schema["$ref"] = "#/$defs/" + schemaName;
            }
            call.Text.WriteLine(schema.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
            return Task.FromResult(ExitCode.Done);
        });
    }

    /// <summary>Reads the schema file from docs/reference. The file is embedded in the program.</summary>
    internal static JsonObject Read()
    {
        // The project file embeds the schema file.
        using var stream = typeof(JsonSchemaCommand).Assembly.GetManifestResourceStream("cli.schema.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
