using System.CommandLine;
using System.Globalization;
using Millrace.Cli.Output;
using Millrace.Cli.Schemas;
using Millrace.Shared.Settings;

namespace Millrace.Cli.Commands;

/// <summary>
/// Removes event shapes from a contract file if no store contains such events. The command does not need a build,
/// because the project may not compile before the removal.
/// </summary>
internal static class SchemaForgetCommand
{
    private static readonly Argument<string[]> Names = new("event")
    {
        HelpName = "EVENT",
        Description = "Stored names of events; 'ticket.*' for all with this prefix.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<int?> Version = new("--version")
    {
        HelpName = "N",
        Description = "Only this schema version; all by default.",
    };

    private static readonly Option<string?> Contract = new("--contract")
    {
        HelpName = "FILE",
        Description = "The contract file. Default: events.contract.json here, otherwise the only one in a subfolder.",
    };

    public static Command Create()
    {
        var command = new ToolCommand(
            "forget", "Removes events from the contract file after checking that no nearby store contains them.")
        {
            Examples =
            [
                ("schema forget ticket.opened", "An example from a template, or a draft that was never stored"),
                ("schema forget 'ticket.*' --store data/shop.db", "Only if this store contains none of them"),
                ("schema forget order.placed --version 3", "A version that was never deployed"),
            ],
        };
        command.Arguments.Add(Names);
        command.Options.Add(Version);
        command.Options.Add(Contract);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                var file = ContractFileLocation.Find(call.Get(Contract));
                if (!File.Exists(file))
                    throw new CliException(
                        ExitCode.NotFound,
                        $"Contract file '{file}' does not exist.",
                        "Specify it with --contract FILE.");
                var contract = ContractText.Parse(file, await TextDecoder.ReadFile(file, cancellationToken));
                var shapes = call.Get(Names)
                    .SelectMany(name => Matching(contract, file, name, call.Get(Version)))
                    .Distinct()
                    .ToList();
                var stores = await StoresOf(call, file, shapes, cancellationToken);
                contract.Remove(shapes);
                await File.WriteAllTextAsync(file, contract.Write(), cancellationToken);
                Answer(call, file, shapes, stores);
                return ExitCode.Done;
            }
        );
    }

    private static List<(string Name, int Version)> Matching(
        ContractText contract, string file, string name, int? version)
    {
        var isPrefix = name.EndsWith('*');
        var found = contract.Shapes
            .Where(shape => isPrefix ? shape.Name.StartsWith(name[..^1], StringComparison.Ordinal) : shape.Name == name)
            .Where(shape => version is null || shape.Version == version).ToList();
        if (found.Count > 0)
            return found;
        var similar = NameSuggestions.To(name, contract.Shapes.Select(shape => shape.Name));
        throw new CliException(
            ExitCode.NotFound,
            $"{file} contains no '{name}'{VersionText(version)}.",
            similar is not null && similar != name ? $"Did you mean '{similar}'?" : null);
    }

    private static string VersionText(int? version) =>
        version is null ? "" : string.Create(CultureInfo.InvariantCulture, $" version {version}");

    /// <summary>
    /// Returns the stores that were searched. Throws an exception if a store contains an event with one of the shapes.
    /// </summary>
    private static async Task<List<string>> StoresOf(
        ToolInvocation call,
        string contract,
        List<(string Name, int Version)> shapes,
        CancellationToken cancellationToken)
    {
        var searched = new List<string>();
        foreach (var (store, isSpecified) in ContractStores.Near(call, contract))
        {
            if (await ContractStores.Search(store, isSpecified, shapes, call.Time, cancellationToken) is not { } search)
                continue;
            if (search.First is { } first)
            {
                throw new CliException(
                    ExitCode.Conflict,
                    $"'{store.DisplayName}' contains '{first.Type}' version {first.SchemaVersion}, first at position "
                        + $"{TextTable.Number(first.Position)}. Nothing was written.",
                    "Restore its record, list its name in Formerly of its successor, or read it as JSON: "
                        + "docs/how-to/evolve-events.md"
                );
            }
            searched.Add(store.DisplayName);
        }
        return searched;
    }

    private static void Answer(
        ToolInvocation call, string file, List<(string Name, int Version)> shapes, List<string> stores)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                writer.WriteString("file"u8, file);
                writer.WriteStartArray("forgotten"u8);
                foreach (var (name, version) in shapes)
                {
                    writer.WriteStartObject();
                    writer.WriteString("type"u8, name);
                    writer.WriteNumber("schemaVersion"u8, version);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteStartArray("stores"u8);
                foreach (var store in stores)
                    writer.WriteStringValue(store);
                writer.WriteEndArray();
            });
            return;
        }
        call.Line(
            $"{file} was written, without "
                + $"{string.Join(", ", shapes.Select(shape => $"'{shape.Name}' version {shape.Version}"))}."
        );
        call.Line(
            stores.Count > 0
                ? $"These stores contain no such event: {string.Join(", ", stores)}."
                : "No store was checked. If there is one, check it with --store FILE: its events could not be read "
                    + "afterwards."
        );
    }
}
