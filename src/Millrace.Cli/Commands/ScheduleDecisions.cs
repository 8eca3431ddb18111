using System.CommandLine;

namespace Millrace.Cli.Commands;

/// <summary>Adds schedules, and has them be otherwise than the code says.</summary>
internal static class ScheduleDecisions
{
    public static IEnumerable<ToolCommand> Create()
    {
        yield return Change(
            "edit",
            "Has a schedule be otherwise than the code says; that stands until it is reset.",
            mustBeWhole: false,
            [
                (
                    "schedules edit nightly-report --cron \"0 5 * * *\" --zone Europe/Berlin --reason \"the day "
                        + "begins later\"",
                    "At other times; a deployment does not change it"),
                (
                    "schedules edit nightly-report --command place-order --body '{\"order\":\"42\",\"amount\":10}' "
                        + "--build out",
                    "Another command, checked against the build"),
            ]
        );
        yield return Change(
            "add", "Adds a schedule that the code does not have.", mustBeWhole: true,
            [
                (
                    "schedules add month-end --cron \"0 6 1 * *\" --command place-order --body "
                        + "'{\"order\":\"42\",\"amount\":10}' --build out",
                    "Runs until it is removed"),
            ]
        );
        yield return Decision(
            "remove",
            "Has a schedule run no more: for good where it was added, else until it is restored.",
            "is removed",
            static (all, name, by, reason, cancel) => all.Remove(name, by, reason, cancel));
        yield return Decision(
            "restore", "Has a schedule that was removed run again.", "runs again",
            static (all, name, by, reason, cancel) => all.Restore(name, by, reason, cancel));
        yield return Decision(
            "reset", "Has a schedule be as the code says again.", "is as the code says",
            static (all, name, by, reason, cancel) => all.Reset(name, by, reason, cancel));
    }

    private static ToolCommand Change(
        string verb, string description, bool mustBeWhole, IReadOnlyList<(string, string)> examples)
    {
        var (name, note) = (SchedulesCommand.Name(), new DecisionOptions());
        var cron = new Option<string?>("--cron")
        {
            HelpName = "CRON",
            Description = "Minute, hour, day of the month, month and day of the week.",
            Required = mustBeWhole,
        };
        var zone = new Option<string?>("--zone")
        {
            HelpName = "ID",
            Description = "The zone whose clock that is told by.",
        };
        var missed = new Option<MissedRuns?>("--missed")
        {
            HelpName = "RULE",
            Description = "What becomes of times that nobody ran: once, skip or all.",
        };
        var overlapping = new Option<OverlappingRuns?>("--overlapping")
        {
            HelpName = "RULE",
            Description = "What becomes of times that come while it runs: skip or queue.",
        };
        var sends = new CommandToSend("The name of the command to send, the same for each time.");
        var command = new ToolCommand(verb, description) { Examples = examples };
        command.Arguments.Add(name);
        command.Options.Add(cron);
        command.Options.Add(zone);
        command.Options.Add(missed);
        command.Options.Add(overlapping);
        sends.AddTo(command);
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
                    Command = sends.Name(call),
                    Body = sends.Body(call),
                    By = note.By(call),
                    Reason = note.Reason(call),
                };
                if (mustBeWhole && edit.Command is null)
                    throw new CliException(ExitCode.Usage, "--command is missing: the name of the command to send.");
                if (edit is { Cron: null, TimeZone: null, Missed: null, Overlapping: null } && !sends.AreGiven(call))
                {
                    throw new CliException(
                        ExitCode.Usage,
                        "Say what is to be otherwise: --cron, --zone, --missed, --overlapping or --command.");
                }
                var schedules = sends.AreGiven(call)
                    ? sends.Catalog(call).SchedulesOf(open.Store)
                    : Schedules.Of(open.Store);
                var change = mustBeWhole
                    ? schedules.Add(call.Get(name), edit, cancellationToken)
                    : schedules.Edit(call.Get(name), edit, cancellationToken);
                return WriteResult(call, change, mustBeWhole ? "is added" : "is edited");
            }
        );
    }

    private static ToolCommand Decision(
        string verb, string description, string done,
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
                    done));
    }

    /// <summary>Waits for a decision, and tells how the schedule stands then.</summary>
    public static async Task<ExitCode> WriteResult(ToolInvocation call, Task<ScheduleInfo> change, string done)
    {
        ScheduleInfo schedule;
        try
        {
            schedule = await change;
        }
        catch (ScheduleNotFoundException missing)
        {
            throw new CliException(ExitCode.NotFound, missing.Message);
        }
        if (call.IsJson)
            JsonOutput.Object(call, writer => ScheduleShow.Write(writer, schedule));
        else
            call.Line(
                $"{schedule.Name} {done}{(schedule.Next is { } next ? $"; next: {EventView.TimeOf(next)}" : "")}.");
        return ExitCode.Done;
    }
}
