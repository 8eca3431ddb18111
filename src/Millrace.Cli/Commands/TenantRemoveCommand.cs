using System.CommandLine;

namespace Millrace.Cli.Commands;

/// <summary>Removes a tenant with all that it has.</summary>
internal static class TenantRemoveCommand
{
    public static ToolCommand Create()
    {
        var name = new Argument<string>("name") { Description = "The tenant." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Says what would be removed, and removes nothing." };
        var yes = new Option<bool>("--yes") { Description = "Does not ask whether it is meant." };
        var evenSo = new Option<bool>("--even-so")
        {
            Description = "Also while nodes have it open: what they do in it then fails.",
        };
        var command = new ToolCommand("remove", "Removes a tenant with all that it has, for ever.")
        {
            Examples =
            [
                ("tenants remove acme --dry-run", "What would be removed, and which nodes have it open"),
                (
                    "tenants remove acme --yes",
                    "In a shared store by record: 'millrace verify' tells it from what is lost"),
                (
                    "tenants remove acme --yes --store 'tenants/{tenant}.db'",
                    "Its file; of a database each, the database"),
            ],
        };
        command.Arguments.Add(name);
        foreach (var option in new[] { dryRun, yes, evenSo })
            command.Options.Add(option);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var tenant = new TenantId(call.Get(name));
            await using var open = await OpenTenants.Of(call, cancellationToken);
            var isShared = !open.Tenants.HasOwnTables;
            // One that is not listed may have been removed halfway: then the rest is removed.
            if (!await open.Tenants.Exists(tenant, cancellationToken) && (!isShared || call.Get(dryRun)))
                throw TenantTemplate.UnknownTenant(tenant, await open.Tenants.List(cancellationToken));
            var figures = await TenantStatistics.Of(open.Tenants, tenant, call.Time, cancellationToken);
            if (call.Get(dryRun))
            {
                Answer(call, figures, isShared, isRemoved: false);
                return ExitCode.Done;
            }
            RejectTenantInUse(figures, call.Get(evenSo));
            if (!call.Get(yes))
                Ask(call, figures);
            if (!await open.Tenants.Remove(tenant, cancellationToken))
                throw TenantTemplate.UnknownTenant(tenant, await open.Tenants.List(cancellationToken));
            Answer(call, figures, isShared, isRemoved: true);
            return ExitCode.Done;
        });
    }

    private static void RejectTenantInUse(TenantStatistics figures, bool evenSo)
    {
        if (figures.Nodes.Count > 0 && !evenSo)
        {
            throw new CliException(
                ExitCode.Conflict,
                $"The tenant {figures.Tenant} is open on {string.Join(", ", figures.Nodes)}. Nothing was removed.",
                "A node closes a tenant when nobody has used it for a minute. To remove it all the same: --even-so");
        }
    }

    /// <summary>Has a person type the name: what is removed cannot be brought back.</summary>
    private static void Ask(ToolInvocation call, TenantStatistics figures)
    {
        if (call.IsJson || System.Console.IsInputRedirected)
        {
            throw new CliException(
                ExitCode.Usage,
                $"The tenant {figures.Tenant} would be removed for ever: {Told(figures)}. Nothing was removed.",
                "If that is meant: --yes");
        }
        call.Line($"This removes the tenant {figures.Tenant} for ever: {Told(figures)}. Type its name to go on:");
        call.Flush();
        if (System.Console.ReadLine()?.Trim() != figures.Tenant.Value)
            throw new CliException(ExitCode.Failed, "That is not its name: nothing was removed.");
    }

    private static string Told(TenantStatistics figures) => figures.Problem is not null
        ? "what there is of it cannot be read"
        : $"{Counted.Of(figures.Events, "event")} in {Counted.Of(figures.Streams, "stream")}";

    private static void Answer(ToolInvocation call, TenantStatistics figures, bool isShared, bool isRemoved)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                figures.WriteMembers(writer);
                writer.WriteBoolean("isRemoved"u8, isRemoved);
            });
            return;
        }
        call.Line($"{(isRemoved ? "Removed" : "Would remove")} the tenant {figures.Tenant}: {Told(figures)}.");
        if (figures.Nodes.Count > 0)
            call.Line($"It is open on {string.Join(", ", figures.Nodes)}.");
        if (isShared)
            call.Line(
                "Each of its streams keeps one event that says so, and is closed: the name cannot be given again.");
    }
}
