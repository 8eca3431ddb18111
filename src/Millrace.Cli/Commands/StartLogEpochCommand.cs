using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Starts a new log epoch, after a restore that the store cannot detect.</summary>
internal static class StartLogEpochCommand
{
    // The core reserves this event type for Millrace, so applications do not need to define it.
    private const string EpochStarted = "log-epochs.begun";

    private static readonly StreamId EpochStream = new("$log-epochs");

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
                var head = await open.Storage.Maintenance.StartEpoch(cancellationToken);
                var recordedAt = await RecordEpoch(open, head, decision.By(call), reason, cancellationToken);
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

    /// <summary>Records the start of the epoch as an event, and returns the position of the event.</summary>
    private static async Task<long> RecordEpoch(
        OpenStore open, LogHead head, string by, string reason, CancellationToken cancellationToken)
    {
        var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body, EventJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteNumber("epoch"u8, head.Epoch);
            writer.WriteNumber("behind"u8, head.Position);
            writer.WriteString("by"u8, by);
            writer.WriteString("reason"u8, reason);
            writer.WriteEndObject();
        }
        try
        {
            var recorded = NewEvent.FromBytes(EpochStarted, body.ToArray()) with
            {
                Metadata = new EventMetadata { UserId = by },
            };
            return (await open.Store.Append(EpochStream, ExpectedVersion.Any, [recorded], cancellationToken)).Position;
        }
        catch (MillraceException failure)
        {
            throw new CliException(
                ExitCode.Failed,
                $"Log epoch {head.Epoch} has started, but could not be recorded: {failure.Message}",
                "Do not start another one. Document this one elsewhere.");
        }
    }
}
