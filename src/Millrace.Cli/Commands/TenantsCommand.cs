using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Lists, creates and removes tenants, in a shared store or with separate stores.</summary>
internal static class TenantsCommand
{
    public static Command Create()
    {
        var command = new ToolCommand(
            "tenants", "Lists, creates and removes the tenants of a store, or of stores named with {tenant}.")
        {
            Examples =
            [
                ("tenants", "All tenants with their events, streams, size and last event"),
                ("tenants --store 'tenants/{tenant}.db'", "The same when each tenant has its own file"),
            ],
        };
        command.Subcommands.Add(CreateList());
        command.Subcommands.Add(CreateCreate());
        command.Subcommands.Add(TenantRemoveCommand.Create());
        return command.SetHandler(List);
    }

    private static ToolCommand CreateList() => new ToolCommand("list",
        "Lists tenants with their events, streams and size.")
    {
        Examples =
        [
            ("tenants list", "In a shared store, the size of a tenant is unknown"),
            ("tenants list --store 'tenants/{tenant}.db' --json", "For programs"),
        ],
    }.SetHandler(List);

    private static ToolCommand CreateCreate()
    {
        var name = new Argument<string>("name") { Description = "1 to 40 lower case letters, digits, '-' and '_'." };
        var command = new ToolCommand("create", "Creates a tenant, like Tenants.Create in an application.")
        {
            Examples =
            [
                ("tenants create initech", "From now on the application accepts it"),
                (
                    "tenants create initech --store 'tenants/{tenant}.db'",
                    "Creates its file, or its database"),
            ],
        };
        command.Arguments.Add(name);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var tenant = new TenantId(call.Get(name));
            await using var open = await OpenTenants.Of(call, cancellationToken);
            var isCreated = await open.Tenants.Create(tenant, cancellationToken);
            if (call.IsJson)
            {
                JsonOutput.Object(call, writer =>
                {
                    writer.WriteString("tenant"u8, tenant.Value);
                    writer.WriteBoolean("isMade"u8, isCreated);
                });
            }
            else
            {
                call.Line(isCreated ? $"Created the tenant {tenant}." : $"The tenant {tenant} already exists.");
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
