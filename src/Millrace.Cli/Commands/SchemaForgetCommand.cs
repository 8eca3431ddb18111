using System.CommandLine;
using System.Globalization;
using Millrace.Cli.Schemas;

namespace Millrace.Cli.Commands;

/// <summary>Takes shapes out of a contract file that no store holds, without a build: that would not compile
/// before.</summary>
internal static class SchemaForgetCommand
{
    private static readonly Argument<string[]> Names = new("event")
    {
        HelpName = "EVENT",
        Description = "Stored names of events; 'ticket.*' for all that begin so.",
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
        Description = "The contract file. Default: events.contract.json here, else the only one below.",
    };

    public static Command Create()
    {
        var command = new ToolCommand(
            "forget", "Takes events out of the contract file that no store holds; looks into the stores nearby.")
        {
            Examples =
            [
                ("schema forget ticket.opened", "The example of a template, or a draft that was never stored"),
                ("schema forget 'ticket.*' --store data/shop.db", "Only when this store holds none of them"),
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
                        ExitCode.NotFound, $"There is no contract at '{file}'.", "Name it with --contract FILE.");
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
        var isStart = name.EndsWith('*');
        var found = contract.Shapes
            .Where(shape => isStart ? shape.Name.StartsWith(name[..^1], StringComparison.Ordinal) : shape.Name == name)
            .Where(shape => version is null || shape.Version == version).ToList();
        if (found.Count > 0)
            return found;
        var near = NameSuggestions.To(name, contract.Shapes.Select(shape => shape.Name));
        throw new CliException(
            ExitCode.NotFound,
            $"{file} holds no "
                + $"'{name}'"
                + $"{(version is null ? "" : string.Create(CultureInfo.InvariantCulture, $" version {version}"))}.",
            near is not null && near != name ? $"Did you mean '{near}'?" : null);
    }

    /// <summary>The stores that were looked into, none of which holds such an event.</summary>
    private static async Task<List<string>> StoresOf(
        ToolInvocation call,
        string contract,
        List<(string Name, int Version)> shapes,
        CancellationToken cancellationToken)
    {
        var looked = new List<string>();
        foreach (var (store, isNamed) in ContractStores.Near(call, contract))
        {
            if (await ContractStores.Search(store, isNamed, shapes, call.Time, cancellationToken) is not { } search)
                continue;
            if (search.First is { } first)
            {
                throw new CliException(
                    ExitCode.Conflict,
                    $"'{store.Shown}' holds '{first.Type}' version {first.SchemaVersion}, first at position "
                        + $"{TextTable.Number(first.Position)}. "
                        + "Nothing was written.",
                    "Bring its record back, name it in Formerly of what it became, or take it as JSON: "
                        + "docs/how-to/evolve-events.md"
                );
            }
            looked.Add(store.Shown);
        }
        return looked;
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
            $"{file} is written, without "
                + $"{string.Join(", ", shapes.Select(shape => $"'{shape.Name}' version {shape.Version}"))}."
        );
        call.Line(
            stores.Count > 0
                ? $"No such event lies in {string.Join(", ", stores)}."
                : "No store was looked into. If there is one, look with --store FILE: what it holds could not be read "
                    + "any more."
        );
    }
}
