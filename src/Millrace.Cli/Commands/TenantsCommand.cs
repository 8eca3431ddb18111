using System.CommandLine;

namespace Millrace.Cli.Commands;

/// <summary>Lists, makes and removes tenants: those that share a store, or those that have one each.</summary>
internal static class TenantsCommand
{
    public static Command Create()
    {
        var command = new ToolCommand(
            "tenants", "Lists, makes and removes the tenants of a store, or of stores named with {tenant}.")
        {
            Examples =
            [
                ("tenants", "Each with its events, streams, size and last event"),
                ("tenants --store 'tenants/{tenant}.db'", "Where each has a file of its own"),
            ],
        };
        command.Subcommands.Add(CreateList());
        command.Subcommands.Add(CreateCreate());
        command.Subcommands.Add(TenantRemoveCommand.Create());
        return command.SetHandler(List);
    }

    private static ToolCommand CreateList() => new ToolCommand("list", "Lists tenants with what there is of each.")
    {
        Examples =
        [
            ("tenants list", "In a store that they share the size of one cannot be told"),
            ("tenants list --store 'tenants/{tenant}.db' --json", "For programs"),
        ],
    }.SetHandler(List);

    private static ToolCommand CreateCreate()
    {
        var name = new Argument<string>("name") { Description = "1 to 40 lower case letters, digits, '-' and '_'." };
        var command = new ToolCommand("create", "Makes a tenant, as an application does with Tenants.Create.")
        {
            Examples =
            [
                ("tenants create initech", "From then on the application lets it in"),
                (
                    "tenants create initech --store 'tenants/{tenant}.db'",
                    "Makes its file; a database is made in the same way"),
            ],
        };
        command.Arguments.Add(name);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var tenant = new TenantId(call.Get(name));
            await using var open = await OpenTenants.Of(call, cancellationToken);
            var isMade = await open.Tenants.Create(tenant, cancellationToken);
            if (call.IsJson)
            {
                JsonOutput.Object(call, writer =>
                {
                    writer.WriteString("tenant"u8, tenant.Value);
                    writer.WriteBoolean("isMade"u8, isMade);
                });
            }
            else
            {
                call.Line(isMade ? $"Made the tenant {tenant}." : $"The tenant {tenant} is there already.");
            }
            return ExitCode.Done;
        });
    }

    private static async Task<ExitCode> List(ToolInvocation call, CancellationToken cancellationToken)
    {
        await using var open = await OpenTenants.Of(call, cancellationToken);
        var all = new List<TenantStatistics>();
        foreach (var tenant in await open.Tenants.List(cancellationToken))
            all.Add(await TenantStatistics.Of(open.Tenants, tenant, call.Time, cancellationToken));
        if (call.IsJson)
        {
            JsonOutput.Array(call, all, (writer, figures) => figures.WriteMembers(writer));
            return ExitCode.Done;
        }
        var rows = new TextTable("tenant", "#events", "#streams", "#size", "last event", "#at position", "~problem");
        foreach (var figures in all)
        {
            var isKnown = figures.Problem is null;
            rows.Add(
                figures.Tenant.Value,
                isKnown ? TextTable.Number(figures.Events) : "",
                isKnown ? TextTable.Number(figures.Streams) : "",
                figures.SizeBytes is { } size ? ByteSizeText.Of(size) : "",
                figures.Last is { } last ? EventView.TimeOf(last.Timestamp) : "",
                figures.Last is { } end ? TextTable.Number(end.Position) : "",
                figures.Problem ?? "");
        }
        rows.Write(call, empty: "There are no tenants.");
        return ExitCode.Done;
    }
}
