using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Removes a tenant with all its data.</summary>
internal static class TenantRemoveCommand
{
    public static ToolCommand Create()
    {
        var name = new Argument<string>("name") { Description = "The tenant." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Shows what would be removed. Nothing is changed." };
        var yes = new Option<bool>("--yes") { Description = "Does not ask for confirmation." };
        var evenIfOpen = new Option<bool>("--even-so")
        {
            Description = "Removes the tenant even if nodes have it open. Their operations on it then fail.",
        };
        var command = new ToolCommand("remove", "Permanently removes a tenant with all its data.")
        {
            Examples =
            [
                ("tenants remove acme --dry-run", "Shows what would be removed, and the nodes that have it open"),
                (
                    "tenants remove acme --yes",
                    "In a shared store, the removal is recorded"),
                (
                    "tenants remove acme --yes --store 'tenants/{tenant}.db'",
                    "Removes its file, or its database"),
            ],
        };
        command.Arguments.Add(name);
        foreach (var option in new[] { dryRun, yes, evenIfOpen })
            command.Options.Add(option);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var tenant = new TenantId(call.Get(name));
            await using var open = await OpenTenants.Of(call, cancellationToken);
            var isShared = !open.Tenants.HasOwnTables;
            // An interrupted removal can leave data of a tenant that is not listed. The command then removes the
            // remaining data.
            if (!await open.Tenants.Exists(tenant, cancellationToken) && (!isShared || call.Get(dryRun)))
                throw TenantTemplate.UnknownTenant(tenant, await open.Tenants.List(cancellationToken));
            var figures = await TenantStatistics.Of(open.Tenants, tenant, call.Time, cancellationToken);
            if (call.Get(dryRun))
            {
                Answer(call, figures, isShared, isRemoved: false);
                return ExitCode.Done;
            }
            RejectTenantInUse(figures, call.Get(evenIfOpen));
            if (!call.Get(yes))
                Ask(call, figures);
            if (!await open.Tenants.Remove(tenant, cancellationToken))
                throw TenantTemplate.UnknownTenant(tenant, await open.Tenants.List(cancellationToken));
            Answer(call, figures, isShared, isRemoved: true);
            return ExitCode.Done;
        });
    }

    private static void RejectTenantInUse(TenantStatistics figures, bool evenIfOpen)
    {
        if (figures.Nodes.Count > 0 && !evenIfOpen)
        {
            throw new CliException(
                ExitCode.Conflict,
                $"The tenant {figures.Tenant} is open on {string.Join(", ", figures.Nodes)}. Nothing was removed.",
                "A node closes a tenant that was not used for a minute. To remove it now: --even-so");
        }
    }

    /// <summary>Asks the user to type the name, because a removal cannot be undone.</summary>
    private static void Ask(ToolInvocation call, TenantStatistics figures)
    {
        if (call.IsJson || System.Console.IsInputRedirected)
        {
            throw new CliException(
                ExitCode.Usage,
                $"The tenant {figures.Tenant} would be removed permanently: {SizeOf(figures)}. Nothing was removed.",
                "To confirm: --yes");
        }
        call.Line(
            $"This removes the tenant {figures.Tenant} permanently: {SizeOf(figures)}. Type its name to continue:");
        call.Flush();
        if (System.Console.ReadLine()?.Trim() != figures.Tenant.Value)
            throw new CliException(ExitCode.Failed, "The name does not match. Nothing was removed.");
    }

    private static string SizeOf(TenantStatistics figures) => figures.Problem is not null
        ? "its data cannot be read"
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
        call.Line($"{(isRemoved ? "Removed" : "Would remove")} the tenant {figures.Tenant}: {SizeOf(figures)}.");
        if (figures.Nodes.Count > 0)
            call.Line($"It is open on {string.Join(", ", figures.Nodes)}.");
        if (isShared)
            call.Line(
                "Each of its streams is closed and keeps one event about the removal. The name cannot be reused.");
    }
}
