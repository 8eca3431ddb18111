using System.CommandLine;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Starts a new log epoch, after a restore that the store cannot detect.</summary>
internal static class StartLogEpochCommand
{
    public static Command Create()
    {
        var yes = new Option<bool>("--yes") { Description = "Does not ask for confirmation." };
        var decision = new DecisionOptions();
        var command = new ToolCommand(
            "begin-log-epoch",
            "Starts a new log epoch. Run it once after a backup has replaced a store with later events."
        )
        {
            Examples =
            [
                ("begin-log-epoch --reason 'restored from Monday' --yes", "Before the application is started again"),
                ("read '$log-epochs'", "The log epochs with user, time and reason"),
            ],
        };
        decision.AddTo(command);
        command.Options.Add(yes);
        return command.SetStoreHandler(
            async (call, open, cancellationToken) =>
            {
                var reason = decision.RequiredReason(call, "restored from Monday");
                var currentHead = (await open.Store.GetInfo(cancellationToken)).Head;
                if (!call.Get(yes))
                    ConfirmEpoch(call, currentHead);
                await StoreBackup.MarkRestored(open.Storage, cancellationToken);
                var head = await open.Storage.Maintenance.StartEpoch(cancellationToken);
                var recordedAt = await LogEpochRecord.Append(open, head, decision.By(call), reason, cancellationToken);
                if (call.IsJson)
                {
                    JsonOutput.Object(
                        call,
                        writer =>
                        {
                            writer.WriteNumber("logEpoch"u8, head.Epoch);
                            writer.WriteNumber("position"u8, head.Position);
                            writer.WriteNumber("recordedAt"u8, recordedAt);
                        }
                    );
                }
                else
                {
                    call.Line(
                        $"Log epoch {head.Epoch} starts after position {TextTable.Number(head.Position)}, and is "
                            + $"recorded at {TextTable.Number(recordedAt)}.");
                }
                return ExitCode.Done;
            }
        );
    }

    /// <summary>Asks the user to confirm, because consistency tokens of the current epoch become stale.</summary>
    private static void ConfirmEpoch(ToolInvocation call, LogHead currentHead)
    {
        var consequence =
            $"log epoch {currentHead.Epoch} ends at position {TextTable.Number(currentHead.Position)}, and consistency "
                + "tokens from it become stale";
        if (call.IsJson || System.Console.IsInputRedirected)
            throw new CliException(
                ExitCode.Usage,
                $"A new log epoch would start: {consequence}. Nothing was changed.",
                "To confirm: --yes");
        call.Line($"This starts a new log epoch: {consequence}. Type 'begin' to continue:");
        call.Flush();
        if (System.Console.ReadLine()?.Trim() != "begin")
            throw new CliException(ExitCode.Failed, "Nothing was changed.");
    }
}
