using System.CommandLine;
using Millrace.Cli.Output;
using Millrace.Storage.Moves;

namespace Millrace.Cli.Commands;

/// <summary>Moves a store to another file or database while it is in use.</summary>
internal static class MoveCommand
{
    public static Command Create()
    {
        var from = new Argument<string>("from") { Description = "The store: a file, or postgres://… for a database." };
        var to = new Argument<string>("to")
        {
            Description = "The target: an empty one, the target of an unfinished move, or the former location of the "
                + "store.",
        };
        var dryRun = new Option<bool>("--dry-run")
        {
            Description = "Checks whether the store can be moved and how much would be copied. Nothing is changed.",
        };
        var keepBack = new Option<bool>("--keep-back")
        {
            Description =
                "Keeps the old location up to date after the switch, so that moving back takes seconds, until Ctrl-C.",
        };
        var abandon = new Option<bool>("--abandon")
        {
            Description = "Cancels an unfinished move. The store stays at its location.",
        };
        var longestHold = new Option<int>("--longest-hold")
        {
            Description = "The maximum time that writers wait for the switch, in milliseconds; 800 by default.",
            DefaultValueFactory = _ => 800,
            HelpName = "MS",
        };
        var command = new ToolCommand("move", "Moves a store to another file or database while it is in use, and back.")
        {
            Examples =
            [
                ("move shop.db copy.db --dry-run", "Shows what would be moved"),
                (
                    "move shop.db copy.db",
                    "Writers wait less than a second; restart applications that do not follow automatically"),
                ("move copy.db shop.db", "Back again: only new data is copied"),
                ("move tenants/{tenant}.db other/{tenant}.db --tenant acme", "The store of one tenant"),
            ],
        };
        command.Arguments.Add(from);
        command.Arguments.Add(to);
        foreach (var option in new Option[] { dryRun, keepBack, abandon, longestHold })
            command.Options.Add(option);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            RejectMutuallyExclusive(call, dryRun, keepBack, abandon);
            var hold = TimeSpan.FromMilliseconds(call.Get(longestHold));
            var locations = MoveLocations.Of(call, call.Get(from), call.Get(to));
            await using var source = OpenStore.OpenWritableStorage(locations.From);
            await using var target = OpenStore.OpenWritableStorage(locations.To);
            var move = MoveLocations.CreateMove(source, target, new StoreMoveOptions { LongestHold = hold });
            if (call.Get(abandon))
                return await Abandon(call, move, locations, cancellationToken);
            if (call.Get(dryRun))
            {
                MoveOutput.WriteResult(call, locations, await move.Plan(cancellationToken), isDone: false);
                return ExitCode.Done;
            }
            using (var bar = new MoveProgress(call))
                MoveOutput.WriteResult(call, locations, await move.Run(bar, cancellationToken), isDone: true);
            if (call.Get(keepBack))
                await ReplicateBack(call, move, locations, cancellationToken);
            return ExitCode.Done;
        });
    }

    private static void RejectMutuallyExclusive(ToolInvocation call, params Option<bool>[] options)
    {
        if (options.Count(call.Get) > 1)
            throw new CliException(ExitCode.Usage, "--dry-run, --keep-back and --abandon cannot be combined.");
    }

    private static async Task<ExitCode> Abandon(
        ToolInvocation call, StoreMove move, MoveLocations locations, CancellationToken cancellationToken)
    {
        await move.Abandon(cancellationToken);
        if (call.IsJson)
            JsonOutput.Object(call, writer => MoveOutput.Write(writer, locations));
        else
            call.Line(
                $"The move was canceled. The store stays in {locations.SourceText}. The copied data stays in "
                    + $"{locations.TargetText}, closed."
            );
        return ExitCode.Done;
    }

    private static async Task ReplicateBack(
        ToolInvocation call, StoreMove move, MoveLocations locations, CancellationToken cancellationToken)
    {
        if (!call.IsJson)
            call.Line(
                $"{locations.SourceText} is kept up to date until Ctrl-C. To go back: millrace move "
                    + $"{locations.TargetText} {locations.SourceText}"
            );
        call.Flush();
        using var bar = new MoveProgress(call);
        await move.ReplicateBack(bar, cancellationToken);
    }
}
