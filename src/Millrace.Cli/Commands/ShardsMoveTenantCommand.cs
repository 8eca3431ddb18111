using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Moves a tenant to another shard, or cancels such a move.</summary>
internal static class ShardsMoveTenantCommand
{
    private const int DefaultPauseSeconds = 10;
    private const int MaxPauseSeconds = 3_600;

    public static Command Create()
    {
        var tenant = new Argument<string>("tenant") { Description = "The name of the tenant." };
        var to = new Option<string?>("--to") { Description = "The shard to which the tenant moves." };
        var cancel = new Option<bool>("--cancel")
        {
            Description = "Cancels the move: the tenant stays in its shard, and the copy is removed.",
        };
        var maxPause = new Option<int>("--max-pause")
        {
            Description = "The maximum time for which the tenant is not available, in seconds; 10 by default.",
            HelpName = "SECONDS",
            DefaultValueFactory = static _ => DefaultPauseSeconds,
        };
        var command = new ToolCommand(
            "move-tenant", "Moves a tenant to another shard while it is used. Continues an interrupted move.")
        {
            Examples =
            [
                ("shards move-tenant acme --to eu-2 --store shards.json", "The file names the stores of all shards"),
                ("shards move-tenant acme --cancel --store shards.json", "Until the tenant is in its new shard"),
            ],
        };
        command.Arguments.Add(tenant);
        command.Options.Add(to);
        command.Options.Add(cancel);
        command.Options.Add(maxPause);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var name = new TenantId(call.Get(tenant)).Value;
            var target = call.Get(to);
            if (call.Get(cancel) == target is not null)
            {
                throw new CliException(
                    ExitCode.Usage, "Specify the shard with --to, or --cancel.", "For example: --to eu-2");
            }
            var seconds = call.Get(maxPause);
            if (seconds is < 1 or > MaxPauseSeconds)
            {
                throw new CliException(
                    ExitCode.Usage, $"--max-pause must be from 1 to {MaxPauseSeconds}, but is {seconds}.");
            }
            var options = new ShardOptions { MaxMovePause = TimeSpan.FromSeconds(seconds) };
            await using var stores = await TenantShardStores.Open(call, options, cancellationToken);
            return target is null
                ? await Cancel(call, stores.Shards, name, cancellationToken)
                : await Move(call, stores.Shards, name, new ShardId(target), cancellationToken);
        });
    }

    private static async Task<ExitCode> Move(
        ToolInvocation call, Shards shards, string tenant, ShardId target, CancellationToken cancellationToken)
    {
        TenantMoveReport report;
        try
        {
            using var bar = new MoveProgress(call);
            report = await shards.MoveTenant(tenant, target, bar, cancellationToken);
        }
        catch (TenantMoveException exception)
        {
            throw new CliException(
                ExitCode.Conflict, exception.Message, $"To see its shard: millrace shards find {tenant}");
        }
        catch (TenantNotFoundException)
        {
            throw new CliException(
                ExitCode.NotFound, $"There is no tenant '{tenant}'.", "To list the tenants: millrace tenants list");
        }
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                writer.WriteString("tenant"u8, report.Tenant);
                writer.WriteString("from"u8, report.From.Value);
                writer.WriteString("to"u8, report.To.Value);
                writer.WriteNumber("events"u8, report.Events);
                writer.WriteNumber("documents"u8, report.Documents);
                writer.WriteNumber("pauseMs"u8, (long)report.Pause.TotalMilliseconds);
            });
            return ExitCode.Done;
        }
        call.Line($"The tenant {report.Tenant} has moved from the shard {report.From} to {report.To}.");
        if (report.Pause > TimeSpan.Zero)
        {
            call.Line(
                $"{TextTable.Number(report.Events)} events and {TextTable.Number(report.Documents)} documents; it was "
                    + $"not available for {TextTable.Number((long)report.Pause.TotalMilliseconds)} ms.");
        }
        return ExitCode.Done;
    }

    private static async Task<ExitCode> Cancel(
        ToolInvocation call, Shards shards, string tenant, CancellationToken cancellationToken)
    {
        bool isCancelled;
        try
        {
            isCancelled = await shards.CancelTenantMove(tenant, cancellationToken);
        }
        catch (TenantMoveException exception)
        {
            throw new CliException(ExitCode.Conflict, exception.Message, "Complete the move with --to.");
        }
        if (!isCancelled)
        {
            throw new CliException(
                ExitCode.NotFound, $"The tenant '{tenant}' is not being moved.", "To list moves: millrace shards list");
        }
        if (call.IsJson)
            JsonOutput.Object(call, writer => writer.WriteString("tenant"u8, tenant));
        else
            call.Line($"The move of the tenant {tenant} was cancelled. It stays in its shard.");
        return ExitCode.Done;
    }
}
