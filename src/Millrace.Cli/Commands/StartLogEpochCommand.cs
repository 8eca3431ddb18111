using System.CommandLine;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Begins a new epoch of the log, as after a restore that the store cannot notice by itself.</summary>
internal static class StartLogEpochCommand
{
    // Known to the core as one of Millrace's own: no application needs to know it.
    private const string EpochStarted = "log-epochs.begun";

    private static readonly StreamId Record = new("$log-epochs");

    public static Command Create()
    {
        var yes = new Option<bool>("--yes") { Description = "Does not ask whether it is meant." };
        var decision = new DecisionOptions();
        var command = new ToolCommand(
            "begin-log-epoch",
            "Begins a new epoch of the log, once, after a backup was restored in the place of a store that had gone on."
        )
        {
            Examples =
            [
                ("begin-log-epoch --reason 'restored from Monday' --yes", "Before the application starts again"),
                ("read '$log-epochs'", "Who began one, when and why"),
            ],
        };
        decision.AddTo(command);
        command.Options.Add(yes);
        return command.SetStoreHandler(
            async (call, open, cancellationToken) =>
            {
                if (string.IsNullOrWhiteSpace(decision.Reason(call)))
                {
                    throw new CliException(
                        ExitCode.Usage,
                        "Why is a new epoch begun? It is recorded.",
                        "Say so: --reason 'restored from Monday'");
                }
                var before = (await open.Store.GetInfo(cancellationToken)).Head;
                if (!call.Get(yes))
                    ConfirmEpoch(call, before);
                var head = await open.Storage.Maintenance.StartEpoch(cancellationToken);
                // Just looked at.
                var at = await Note(open, head, decision.By(call), decision.Reason(call)!, cancellationToken);
                if (call.IsJson)
                {
                    JsonOutput.Object(
                        call,
                        writer =>
                        {
                            writer.WriteNumber("logEpoch"u8, head.Epoch);
                            writer.WriteNumber("position"u8, head.Position);
                            writer.WriteNumber("recordedAt"u8, at);
                        }
                    );
                }
                else
                {
                    call.Line(
                        $"Epoch {head.Epoch} of the log begins behind position {TextTable.Number(head.Position)}, and "
                            + $"is recorded at "
                            + $"{TextTable.Number(at)}.");
                }
                return ExitCode.Done;
            }
        );
    }

    /// <summary>Has a person say so: what clients hold of the present is told as stale from then on.</summary>
    private static void ConfirmEpoch(ToolInvocation call, LogHead before)
    {
        var told =
            $"epoch {before.Epoch} of the log ends at position {TextTable.Number(before.Position)}, and consistency "
                + $"tokens from it are "
            + "answered as stale once";
        if (call.IsJson || System.Console.IsInputRedirected)
            throw new CliException(
                ExitCode.Usage, $"A new epoch would begin: {told}. Nothing was changed.", "If that is meant: --yes");
        call.Line($"This begins a new epoch: {told}. Type 'begin' to go on:");
        call.Flush();
        if (System.Console.ReadLine()?.Trim() != "begin")
            throw new CliException(ExitCode.Failed, "Nothing was changed.");
    }

    /// <summary>Records it as the first event of the epoch, or of one of those that follow.</summary>
    private static async Task<long> Note(
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
            return (await open.Store.Append(Record, ExpectedVersion.Any, [recorded], cancellationToken)).Position;
        }
        catch (MillraceException failure)
        {
            throw new CliException(
                ExitCode.Failed,
                $"Epoch {head.Epoch} of the log has begun, but could not be recorded: {failure.Message}",
                "Do not begin another one for that: note it yourself.");
        }
    }
}
