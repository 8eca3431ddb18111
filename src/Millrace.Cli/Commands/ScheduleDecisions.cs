using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Adds schedules, and overrides schedules from the code.</summary>
internal static class ScheduleDecisions
{
    public static IEnumerable<ToolCommand> Create()
    {
        yield return Change(
            "edit",
            "Overrides a schedule from the code until it is reset.",
            isNew: false,
            [
                (
                    "schedules edit nightly-report --cron \"0 5 * * *\" --zone Europe/Berlin --reason \"the day starts "
                        + "later\"",
                    "At other times; also after deployments"),
                (
                    "schedules edit nightly-report --command place-order --body '{\"order\":\"42\",\"amount\":10}' "
                        + "--build out",
                    "Another command, validated by the build"),
            ]
        );
        yield return Change(
            "add", "Adds a schedule that is not in the code.", isNew: true,
            [
                (
                    "schedules add month-end --cron \"0 6 1 * *\" --command place-order --body "
                        + "'{\"order\":\"42\",\"amount\":10}' --build out",
                    "Runs until it is removed"),
            ]
        );
        yield return Decision(
            "remove",
            "Removes a schedule: permanently if it was added, otherwise until it is restored.",
            "was removed",
            static (all, name, by, reason, cancel) => all.Remove(name, by, reason, cancel));
        yield return Decision(
            "restore", "Restores a removed schedule.", "was restored",
            static (all, name, by, reason, cancel) => all.Restore(name, by, reason, cancel));
        yield return Decision(
            "reset", "Resets a schedule to the code.", "was reset to the code",
            static (all, name, by, reason, cancel) => all.Reset(name, by, reason, cancel));
    }

    private static ToolCommand Change(
        string verb, string description, bool isNew, IReadOnlyList<(string, string)> examples)
    {
        var (name, note) = (SchedulesCommand.Name(), new DecisionOptions());
        var cron = new Option<string?>("--cron")
        {
            HelpName = "CRON",
            Description = "The cron expression: minute, hour, day of month, month and day of week.",
            Required = isNew,
        };
        var zone = new Option<string?>("--zone")
        {
            HelpName = "ID",
            Description = "The time zone of the cron expression.",
        };
        var missed = new Option<MissedRuns?>("--missed")
        {
            HelpName = "RULE",
            Description = "How missed runs are handled: once, skip or all.",
        };
        var overlapping = new Option<OverlappingRuns?>("--overlapping")
        {
            HelpName = "RULE",
            Description = "How overlapping runs are handled: skip or queue.",
        };
        var toSend = new CommandToSend("The name of the command to send.");
        var command = new ToolCommand(verb, description) { Examples = examples };
        command.Arguments.Add(name);
        command.Options.Add(cron);
        command.Options.Add(zone);
        command.Options.Add(missed);
        command.Options.Add(overlapping);
        toSend.AddTo(command);
        note.AddTo(command);
        return command.SetStoreHandler(
            (call, open, cancellationToken) =>
            {
                var edit = new ScheduleEdit
                {
                    Cron = call.Get(cron),
                    TimeZone = call.Get(zone),
                    Missed = call.Get(missed),
                    Overlapping = call.Get(overlapping),
                    Command = toSend.Name(call),
                    Body = toSend.Body(call),
                    By = note.By(call),
                    Reason = note.Reason(call),
                };
                if (isNew && edit.Command is null)
                    throw new CliException(ExitCode.Usage,
                        "--command is missing. Specify the name of the command to send.");
                if (edit is { Cron: null, TimeZone: null, Missed: null, Overlapping: null }
                    && !toSend.IsSpecified(call))
                {
                    throw new CliException(
                        ExitCode.Usage,
                        "Nothing to change was specified. Use --cron, --zone, --missed, --overlapping or --command.");
                }
                var schedules = toSend.IsSpecified(call)
                    ? toSend.Catalog(call).SchedulesOf(open.Store)
                    : Schedules.Of(open.Store);
                var change = isNew
                    ? schedules.Add(call.Get(name), edit, cancellationToken)
                    : schedules.Edit(call.Get(name), edit, cancellationToken);
                return WriteResult(call, change, isNew ? "was added" : "was edited");
            }
        );
    }

    private static ToolCommand Decision(
        string verb, string description, string outcome,
        Func<Schedules, string, string, string?, CancellationToken, Task<ScheduleInfo>> decide)
    {
        var (name, note) = (SchedulesCommand.Name(), new DecisionOptions());
        var command = new ToolCommand(verb, description)
        {
            Examples = [($"schedules {verb} nightly-report", description)],
        };
        command.Arguments.Add(name);
        note.AddTo(command);
        return command.SetStoreHandler(
            (call, open, cancellationToken) =>
                WriteResult(
                    call,
                    decide(
                        Schedules.Of(open.Store), call.Get(name), note.By(call), note.Reason(call), cancellationToken),
                    outcome));
    }

    /// <summary>Waits for a decision, and writes the resulting state of the schedule.</summary>
    public static async Task<ExitCode> WriteResult(ToolInvocation call, Task<ScheduleInfo> change, string outcome)
    {
        ScheduleInfo schedule;
        try
        {
            schedule = await change;
        }
        catch (ScheduleNotFoundException exception)
        {
            throw new CliException(ExitCode.NotFound, exception.Message);
        }
        if (call.IsJson)
            JsonOutput.Object(call, writer => ScheduleShow.Write(writer, schedule));
        else
            call.Line(
                $"{schedule.Name} {outcome}{(schedule.Next is { } next ? $"; next: {EventView.TimeOf(next)}" : "")}.");
        return ExitCode.Done;
    }
}
