using System.CommandLine;
using Millrace.Cli.Builds;
using Millrace.Cli.Output;
using Millrace.Shared.Json;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Records decisions about dead letters. The node that runs the consumer carries them out.</summary>
internal static class DeadLetterDecisions
{
    public static ToolCommand Retry()
    {
        var command = new ToolCommand("retry", "Retries dead letters: one, or all that match.")
        {
            Examples =
            [
                ("dead-letters retry 7", "One, and then the events that wait behind it, in order"),
                ("dead-letters retry --cause TimeoutException-3fa9c01b --rate 20", "A group, at most 20 a second"),
            ],
        };
        return Decision(
            command, DeadLetterAction.Retry, (letters, id, note, cancel) => letters.Retry(id, note, cancel));
    }

    public static ToolCommand Skip()
    {
        var command = new ToolCommand(
            "skip", "Skips dead letters and records the reason. The events behind each are then handled.")
        {
            Examples =
            [
                (
                    "dead-letters skip 7 --reason \"a test order\"",
                    "Its document continues without the event, also after a rebuild"),
            ],
        };
        return Decision(command, DeadLetterAction.Skip, (letters, id, note, cancel) => letters.Skip(id, note, cancel));
    }

    public static ToolCommand Discard()
    {
        var command = new ToolCommand(
            "discard", "Discards dead letters with all events that wait behind them, and records the reason.")
        {
            Examples =
            [
                (
                    "dead-letters discard 7 --reason \"the shop was closed\"",
                    "Later events of the key are handled again"),
            ],
        };
        return Decision(
            command, DeadLetterAction.Discard, (letters, id, note, cancel) => letters.Discard(id, note, cancel));
    }

    public static ToolCommand Edit()
    {
        var id = new Argument<long>("letter") { Description = "The number of the dead letter." };
        var build = BuildOption.Create();
        var command = new ToolCommand(
            "edit", "Retries a dead letter with another payload. The event in the log does not change.")
        {
            Examples =
            [
                (
                    "dead-letters edit 7 --file corrected.json --reason \"amount was in cents\"",
                    "It is retried at once"),
                (
                    "dead-letters edit 7 --data '{\"amount\":5}' --reason \"a typo\" --build out",
                    "Only if it would succeed with this build"),
            ],
        };
        command.Arguments.Add(id);
        command.Options.Add(build);
        var payloadOptions = new PayloadOptions().AddTo(command);
        var options = new DeadLetterOptions().AddNoteOption(command);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                var note = options.Note(call, needsReason: true);
                var payload =
                    await payloadOptions.Read(call, cancellationToken)
                    ?? throw new CliException(ExitCode.Usage, "Specify the payload with --data or --file.");
                var model = BuildOption.FindPath(call, build) is null ? null : BuildOption.Load(call, build).Catalog;
                await using var open = await ShardStores.Existing(
                    call, model?.EventTypes ?? EventTypeMap.Empty, cancellationToken);
                var letters = open.DeadLetters(model);
                payload = await payloadOptions.Decode(call, payload, letters, call.Get(id), cancellationToken);
                try
                {
                    if (model is not null)
                        RejectFailingPayload(await letters.SimulateEdit(call.Get(id), payload, cancellationToken));
                    var letter = await letters.Edit(call.Get(id), payload, note, cancellationToken);
                    return Answer(call, letter, "will be handled with the new payload");
                }
                catch (ArgumentException exception)
                {
                    throw new CliException(ExitCode.Usage, exception.Message);
                }
            }
        );
    }

    private static void RejectFailingPayload(SimulatedDeadLetter result)
    {
        if (result.Outcome == SimulatedOutcome.Fails)
        {
            throw new CliException(
                ExitCode.Failed,
                $"With this payload, dead letter {result.DeadLetter.Id} would fail again: {result.Error} Nothing was "
                    + "written.",
                "Correct the payload: 'dead-letters simulate ID --data …' tests it. Without --build it is not tested "
                    + "before."
            );
        }
    }

    private static ToolCommand Decision(
        ToolCommand command,
        DeadLetterAction action,
        Func<DeadLetters, long, DeadLetterNote, CancellationToken, Task<DeadLetter>> decide)
    {
        var id = new Argument<long?>("letter")
        {
            Description = "The number of the dead letter; without it, all that match.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var rate = new Option<double?>("--rate")
        {
            HelpName = "N",
            Description = "The maximum number of dead letters a second.",
        };
        command.Arguments.Add(id);
        command.Options.Add(rate);
        var options = new DeadLetterOptions().AddSelectionTo(command).AddNoteOption(command);
        return command.SetShardsHandler(
            async (call, open, cancellationToken) =>
            {
                var note = options.Note(call, needsReason: action.Decision != DeadLetterDecision.Retry);
                var letters = open.DeadLetters();
                if (call.Get(id) is { } number)
                    return Answer(call, await decide(letters, number, note, cancellationToken), $"will {Verb(action)}");
                if (!options.HasFilter(call))
                {
                    throw new CliException(
                        ExitCode.Usage,
                        "No dead letters were specified.",
                        "Specify a number, or --consumer, --cause, --key, --stream or --type.");
                }
                var limits = new DeadLetterReplayOptions
                {
                    MaxPerSecond = call.Get(rate),
                    Limit = options.LimitOf(call),
                };
                var replayed = await letters.Replay(
                    options.ToDecisionQuery(call, action.IsEdit), action, note, limits, cancellationToken);
                return Answer(call, replayed, Verb(action));
            }
        );
    }

    private static string Verb(DeadLetterAction action) => action.Decision.ToString().ToLowerInvariant();

    private static ExitCode Answer(ToolInvocation call, DeadLetter letter, string text)
    {
        if (call.IsJson)
            JsonOutput.Object(call, writer => DeadLetterJson.WriteMembers(writer, letter));
        else
            call.Line($"Dead letter {letter.Id} of {letter.Consumer} {text}. The node that runs the consumer carries "
                + $"it out. For the result: millrace dead-letters show {letter.Id}");
        return ExitCode.Done;
    }

    public static ExitCode Answer(ToolInvocation call, DeadLetterReplay replayed, string word)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer => DeadLetterJson.WriteReplay(writer, replayed));
            return replayed.IsStopped ? ExitCode.Failed : ExitCode.Done;
        }
        var missed = replayed.Conflicted > 0 ? " "
            + $"{Counted.Of(replayed.Conflicted, "dead letter")} changed in the meantime." : "";
        call.Line($"To {word}: {Counted.Of(replayed.Decided, "dead letter")}.{missed}");
        if (replayed.Succeeded + replayed.Failed > 0)
            call.Line($"{TextTable.Number(replayed.Succeeded)} succeeded, {TextTable.Number(replayed.Failed)} failed "
                + "again.");
        if (replayed.IsStopped)
            call.Line("Stopped: too many failed.");
        return replayed.IsStopped ? ExitCode.Failed : ExitCode.Done;
    }
}
