using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Builds;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Lists the event types of a build, with the versions it knows.</summary>
internal static class SchemaListCommand
{
    public static Command Create()
    {
        var build = BuildOption.Create();
        var command = new ToolCommand(
            "list", "Lists the event types of a build: stored name, schema version, CLR type.")
        {
            Examples =
            [
                ("schema list --build bin/Release/net10.0/Shop.dll", "The event types of a build"),
                ("schema list --build out --json", "The same for programs"),
            ],
        };
        command.Options.Add(build);
        return command.SetHandler((call, _) =>
        {
            var types = BuildOption.Load(call, build).Catalog.EventTypes.Types
                .OrderBy(type => type.Name, StringComparer.Ordinal).ThenBy(type => type.SchemaVersion).ToList();
            if (call.IsJson)
                JsonOutput.Array(call, types, WriteJson);
            else
                Write(call, types);
            return Task.FromResult(ExitCode.Done);
        });
    }

    private static void Write(ToolInvocation call, List<EventType> types)
    {
        var rows = new TextTable("type", "#version", "class", "content type");
        foreach (var type in types)
            rows.Add(
                type.Name,
                type.SchemaVersion.ToString(CultureInfo.InvariantCulture),
                type.ClrType.FullName!,
                type.ContentType);
        rows.Write(call);
    }

    private static void WriteJson(Utf8JsonWriter writer, EventType type)
    {
        writer.WriteString("type"u8, type.Name);
        writer.WriteNumber("schemaVersion"u8, type.SchemaVersion);
        writer.WriteString("class"u8, type.ClrType.FullName);
        writer.WriteString("contentType"u8, type.ContentType);
    }
}
