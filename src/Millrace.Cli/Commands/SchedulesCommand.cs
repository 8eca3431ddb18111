using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Manages schedules: commands that are sent repeatedly.</summary>
internal static class SchedulesCommand
{
    public const int NextTimes = 5;

    public static Command Create()
    {
        var command = new ToolCommand(
            "schedules",
            "Shows recurring commands with their next times, and adds, edits, runs, pauses, cancels and removes them.")
        {
            Examples =
            [
                ("schedules", "All schedules with their next time and last result"),
                ("schedules next nightly-report", "The next five times"),
                ("schedules run-now nightly-report", "Run it once more, in the application"),
            ],
        };
        command.Subcommands.Add(new ToolCommand("list", "Lists schedules by name.")
        {
            Examples = [("schedules list --json", "For programs")],
        }.SetStoreHandler(List));
        command.Subcommands.Add(ScheduleShow.Create());
        command.Subcommands.Add(Next());
        command.Subcommands.Add(Decision(
            "run-now", "Runs a schedule now, even if it is paused.", "runs now",
            static (all, name, by, cancel) => all.Run(name, by, cancel)));
        command.Subcommands.Add(Decision(
            "pause", "Pauses a schedule until it is resumed.", "was paused",
            static (all, name, by, cancel) => all.Pause(name, by, cancel)));
        command.Subcommands.Add(Decision(
            "resume", "Resumes a paused schedule with its next time.", "was resumed",
            static (all, name, by, cancel) => all.Resume(name, by, cancel)));
        command.Subcommands.Add(Decision(
            "cancel", "Cancels the next run. The schedule continues with the following one.", "skips its next run",
            static (all, name, by, cancel) => all.Cancel(name, by, cancel)));
        foreach (var decision in ScheduleDecisions.Create())
            command.Subcommands.Add(decision);
        return command.SetStoreHandler(List);
    }

    public static Argument<string> Name() => new("schedule") { Description = "The name of the schedule." };

    private static ToolCommand Next()
    {
        var name = Name();
        var count = new Option<int>("--count", "-n")
        {
            HelpName = "N",
            Description = "The number of times.",
            DefaultValueFactory = _ => NextTimes,
        };
        var command = new ToolCommand("next", "Shows the next times of a schedule, even if it is paused.")
        {
            Examples =
            [
                ("schedules next nightly-report", "The next five times"),
                ("schedules next nightly-report --count 20", "The next twenty times"),
            ],
        };
        command.Arguments.Add(name);
        command.Options.Add(count);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            if (call.Get(count) is < 1 or > 1_000)
                throw new CliException(ExitCode.Usage, "--count must be from 1 to 1,000.");
            var schedule = await ScheduleShow.Find(open, call.Get(name), cancellationToken);
            var times = schedule.NextTimes(call.Time.GetUtcNow(), call.Get(count));
            if (call.IsJson)
            {
                JsonOutput.Object(call, writer =>
                {
                    writer.WriteString("name"u8, schedule.Name);
                    ScheduleShow.WriteTimes(writer, times);
                });
                return ExitCode.Done;
            }
            if (times.Count == 0)
                call.Line(schedule.Error is { } error ? "The schedule has no next time: "
                    + $"{error}" : "The schedule has no next time.");
            foreach (var time in times)
                call.Line(EventView.TimeOf(time));
            return ExitCode.Done;
        });
    }

    private static ToolCommand Decision(
        string verb,
        string description,
        string done,
        Func<Schedules, string, string, CancellationToken, Task<ScheduleInfo>> decide)
    {
        var name = Name();
        var by = new Option<string>("--by")
        {
            HelpName = "NAME",
            Description = "The name of the user who decides; by default the current user.",
            DefaultValueFactory = _ => Environment.UserName,
        };
        var command = new ToolCommand(verb, description)
        {
            Examples = [($"schedules {verb} nightly-report", description)],
        };
        command.Arguments.Add(name);
        command.Options.Add(by);
        return command.SetStoreHandler(
            (call, open, cancellationToken) =>
                ScheduleDecisions.WriteResult(
                    call, decide(Schedules.Of(open.Store), call.Get(name), call.Get(by)!, cancellationToken), done)
        ); // The option has a default value.
    }

    private static async Task<ExitCode> List(ToolInvocation call, OpenStore open, CancellationToken cancellationToken)
    {
        var all = await Schedules.Of(open.Store).List(cancellationToken);
        if (call.IsJson)
        {
            JsonOutput.Array(call, all, ScheduleShow.Write);
            return ExitCode.Done;
        }
        if (all.Count == 0)
        {
            call.Line("There are no schedules.");
            return ExitCode.Done;
        }
        string[] decided = all.Any(one => one.Edited is not null) ? ["~edited"] : [];
        var rows = new TextTable(["schedule", "cron", "zone", "next", "ran for", "ran at", .. decided, "~error"]);
        foreach (var one in all)
        {
            var next = one.IsRemoved ? "removed" : one.IsPaused ? "paused" : TimeOf(one.Next);
            string[] edited = decided.Length == 0 ? [] : [ScheduleShow.EditOf(one)];
            rows.Add([
                one.Name,
                one.Cron,
                one.TimeZone,
                next,
                TimeOf(one.LastTime),
                TimeOf(one.LastRunAt),
                .. edited,
                one.Error ?? "",
            ]);
        }
        rows.Write(call);
        return ExitCode.Done;
    }

    private static string TimeOf(DateTimeOffset? time) => time is { } at ? EventView.TimeOf(at) : "";
}
