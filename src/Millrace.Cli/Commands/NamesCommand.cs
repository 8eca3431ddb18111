using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Checks event names, and proposes names.</summary>
internal static class NamesCommand
{
    public static Command Create()
    {
        var command = new ToolCommand(
            "names", "Checks event names by the rules of the compiler diagnostics, and proposes names.")
        {
            Examples =
            [
                ("names check order.placed OrderPaidEvent", "Problems of names, with better ones"),
                ("names propose \"shopping cart\"", "Events of a shopping cart"),
            ],
        };
        command.Subcommands.Add(Check());
        command.Subcommands.Add(Propose());
        return command;
    }

    private static ToolCommand Check()
    {
        var names = new Argument<string[]>("name")
        {
            Description =
                "Type names (OrderPlaced) or stored names (order.placed); with --store and no name, all that are "
                    + "stored.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new ToolCommand(
            "check", "Checks names alone, together, and against the names in a store.")
        {
            Examples =
            [
                (
                    "names check PlaceOrder order.paid orders.shipped",
                    "Each name alone and with the others; exit code 1 when one is bad"),
                ("names check order.shipped --store shop.db", "Also against the stored names"),
                ("names check --store shop.db", "All stored names"),
            ],
        };
        command.Arguments.Add(names);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                var stored = call.Has(GlobalOptions.Store) ? await ListStored(call, cancellationToken) : [];
                var requested = call.Get(names) is { Length: > 0 } specified ? specified : stored;
                if (requested.Count == 0)
                    throw new CliException(
                        ExitCode.Usage,
                        "No name was specified.",
                        "Specify one or more names, such as order.placed, or a store.");
                var all = stored.Concat(requested).Distinct(StringComparer.Ordinal).ToList();
                var checks = requested.Select(name => (Name: name, Check: EventNaming.Check(name, all))).ToList();
                if (call.IsJson)
                    JsonOutput.Array(call, checks, (writer, one) => Write(writer, one.Name, one.Check));
                else
                    Show(call, checks);
                return checks.TrueForAll(one => one.Check.IsValid) ? ExitCode.Done : ExitCode.Failed;
            }
        );
    }

    private static ToolCommand Propose()
    {
        var entity = new Argument<string>("entity") { Description = "The entity: Order, \"shopping cart\"." };
        var command = new ToolCommand("propose", "Proposes event names for an entity.")
        {
            Examples = [("names propose Order", "Domain terms first, then data terms")],
        };
        command.Arguments.Add(entity);
        return command.SetHandler((call, _) =>
        {
            var proposals = EventNaming.Propose(call.Get(entity));
            if (call.IsJson)
                JsonOutput.Array(call, proposals, Write);
            else
                Show(call, proposals);
            return Task.FromResult(ExitCode.Done);
        });
    }

    private static async Task<IReadOnlyList<string>> ListStored(
        ToolInvocation call, CancellationToken cancellationToken)
    {
        await using var open = await OpenStore.Existing(call, cancellationToken);
        var info = await open.Storage.Maintenance.GetInfo(cancellationToken);
        return [.. info.Types.Select(type => type.Type)];
    }

    private static void Show(ToolInvocation call, IEnumerable<(string Name, EventNameCheck Check)> checks)
    {
        var rows = new TextTable("name", "is", "why", "better");
        foreach (var (name, check) in checks)
        {
            var issues = string.Join(" ", check.Issues.Select(issue => issue.Message));
            rows.Add(name, check.IsValid ? "valid" : "not valid", issues, string.Join(", ", check.Suggestions));
        }
        rows.Write(call);
    }

    private static void Show(ToolInvocation call, IEnumerable<EventNameProposal> proposals)
    {
        var rows = new TextTable("name", "stored as", "what happened", "domain term");
        foreach (var proposal in proposals)
            rows.Add(
                proposal.Name,
                proposal.StoredName,
                proposal.Description,
                proposal.DomainLanguage ? "yes" : "no, a data term");
        rows.Write(call);
    }

    private static void Write(Utf8JsonWriter writer, string name, EventNameCheck check)
    {
        writer.WriteString("name"u8, name);
        writer.WriteBoolean("isValid"u8, check.IsValid);
        writer.WriteStartArray("issues"u8);
        foreach (var issue in check.Issues)
        {
            writer.WriteStartObject();
            writer.WriteString("rule"u8, JsonNamingPolicy.CamelCase.ConvertName(issue.Rule.ToString()));
            writer.WriteString("message"u8, issue.Message);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("suggestions"u8);
        foreach (var suggestion in check.Suggestions)
            writer.WriteStringValue(suggestion);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, EventNameProposal proposal)
    {
        writer.WriteString("name"u8, proposal.Name);
        writer.WriteString("storedName"u8, proposal.StoredName);
        writer.WriteString("description"u8, proposal.Description);
        writer.WriteBoolean("pastTense"u8, proposal.PastTense);
        writer.WriteBoolean("domainLanguage"u8, proposal.DomainLanguage);
    }
}
