using System.CommandLine;
using System.Text.Json;

namespace Millrace.Cli.Commands;

/// <summary>Looks after schedules: commands that are sent again and again.</summary>
internal static class SchedulesCommand
{
    private const int NextTimes = 5;

    public static Command Create()
    {
        var command = new ToolCommand("schedules", "Shows commands that recur; tells their next times, runs, pauses and cancels them.")
        {
            Examples =
            [
                ("schedules", "What recurs when, and how it went last"),
                ("schedules next nightly-report", "The next five times"),
                ("schedules run-now nightly-report", "Once more, by the application's node"),
            ],
        };
        command.Subcommands.Add(new ToolCommand("list", "Lists schedules, by name.")
        {
            Examples = [("schedules list --json", "For programs")],
        }.DoesWithStore(List));
        command.Subcommands.Add(Show());
        command.Subcommands.Add(Next());
        command.Subcommands.Add(Decision(
            "run-now", "Has a schedule run now, also while it is paused.", "runs now",
            static (all, name, by, cancel) => all.Run(name, by, cancel)));
        command.Subcommands.Add(Decision(
            "pause", "Has a schedule run no more until it is resumed.", "is paused",
            static (all, name, by, cancel) => all.Pause(name, by, cancel)));
        command.Subcommands.Add(Decision(
            "resume", "Has a paused schedule go on with the next time that comes.", "goes on",
            static (all, name, by, cancel) => all.Resume(name, by, cancel)));
        command.Subcommands.Add(Decision(
            "cancel", "Cancels the next run; it goes on with the time behind it.", "passes its next run over",
            static (all, name, by, cancel) => all.Cancel(name, by, cancel)));
        return command.DoesWithStore(List);
    }

    private static Argument<string> Name() => new("schedule") { Description = "The name of the schedule." };

    private static ToolCommand Show()
    {
        var name = Name();
        var command = new ToolCommand("show", "Shows a schedule with its next times, its runs, and what was decided about it.")
        {
            Examples = [("schedules show nightly-report", "Each run, and who paused it")],
        };
        command.Arguments.Add(name);
        return command.DoesWithStore(async (call, open, cancellationToken) =>
        {
            var schedule = await Find(call, open, call.Get(name), cancellationToken);
            var history = await Schedules.Of(open.Store).History(schedule.Name, cancellationToken);
            var times = schedule.NextTimes(call.Time.GetUtcNow(), NextTimes);
            if (call.IsJson)
            {
                JsonAnswer.Object(call, writer =>
                {
                    Write(writer, schedule);
                    WriteTimes(writer, times);
                    TimerShow.Write(writer, history);
                });
                return ExitCode.Done;
            }
            var paused = schedule.IsPaused ? "; it is paused" : "";
            call.Line($"{schedule.Name} recurs at '{schedule.Cron}', {schedule.TimeZone}{paused}. Next:");
            foreach (var time in times)
                call.Line("  " + EventView.TimeOf(time));
            TimerShow.Tell(call, history);
            return ExitCode.Done;
        });
    }

    private static ToolCommand Next()
    {
        var name = Name();
        var count = new Option<int>("--count", "-n")
        {
            HelpName = "N", Description = "How many times.", DefaultValueFactory = _ => NextTimes,
        };
        var command = new ToolCommand("next", "Tells the next times of a schedule, whether or not it is paused.")
        {
            Examples = [("schedules next nightly-report", "The next five"), ("schedules next nightly-report --count 20", "More of them")],
        };
        command.Arguments.Add(name);
        command.Options.Add(count);
        return command.DoesWithStore(async (call, open, cancellationToken) =>
        {
            if (call.Get(count) is < 1 or > 1_000)
                throw new CliException(ExitCode.Usage, "--count is from 1 to 1,000.");
            var schedule = await Find(call, open, call.Get(name), cancellationToken);
            var times = schedule.NextTimes(call.Time.GetUtcNow(), call.Get(count));
            if (call.IsJson)
            {
                JsonAnswer.Object(call, writer =>
                {
                    writer.WriteString("name"u8, schedule.Name);
                    WriteTimes(writer, times);
                });
                return ExitCode.Done;
            }
            if (times.Count == 0)
                call.Line("There is no time left.");
            foreach (var time in times)
                call.Line(EventView.TimeOf(time));
            return ExitCode.Done;
        });
    }

    private static ToolCommand Decision(
        string verb, string description, string done, Func<Schedules, string, string, CancellationToken, Task<ScheduleInfo>> decide)
    {
        var name = Name();
        var by = new Option<string>("--by")
        {
            HelpName = "NAME",
            Description = "Who decides; the user of the system by default.",
            DefaultValueFactory = _ => Environment.UserName,
        };
        var command = new ToolCommand(verb, description) { Examples = [($"schedules {verb} nightly-report", description)] };
        command.Arguments.Add(name);
        command.Options.Add(by);
        return command.DoesWithStore(async (call, open, cancellationToken) =>
        {
            ScheduleInfo schedule;
            try
            {
                schedule = await decide(Schedules.Of(open.Store), call.Get(name), call.Get(by)!, cancellationToken); // It has a default.
            }
            catch (ScheduleNotFoundException missing)
            {
                throw new CliException(ExitCode.NotFound, missing.Message);
            }
            if (call.IsJson)
                JsonAnswer.Object(call, writer => Write(writer, schedule));
            else
                call.Line($"{schedule.Name} {done}{(schedule.Next is { } next ? $"; next: {EventView.TimeOf(next)}" : "")}.");
            return ExitCode.Done;
        });
    }

    private static async Task<ScheduleInfo> Find(ToolCall call, OpenStore open, string name, CancellationToken cancellationToken) =>
        await Schedules.Of(open.Store).Find(name, cancellationToken)
        ?? throw new CliException(ExitCode.NotFound, new ScheduleNotFoundException(name).Message);

    private static async Task<ExitCode> List(ToolCall call, OpenStore open, CancellationToken cancellationToken)
    {
        var all = await Schedules.Of(open.Store).List(cancellationToken);
        if (call.IsJson)
        {
            JsonAnswer.Array(call, all, Write);
            return ExitCode.Done;
        }
        if (all.Count == 0)
        {
            call.Line("There are no schedules.");
            return ExitCode.Done;
        }
        var rows = new Rows("schedule", "cron", "zone", "next", "ran for", "ran at", "~error");
        foreach (var one in all)
        {
            rows.Add(
                one.Name, one.Cron, one.TimeZone, one.IsPaused ? "paused" : TimeOf(one.Next), TimeOf(one.LastTime), TimeOf(one.LastRunAt),
                one.Error ?? "");
        }
        rows.Write(call);
        return ExitCode.Done;
    }

    private static string TimeOf(DateTimeOffset? time) => time is { } at ? EventView.TimeOf(at) : "";

    private static void WriteTimes(Utf8JsonWriter writer, IReadOnlyList<DateTimeOffset> times)
    {
        writer.WriteStartArray("nextTimes"u8);
        foreach (var time in times)
            writer.WriteStringValue(time);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, ScheduleInfo schedule)
    {
        writer.WriteString("name"u8, schedule.Name);
        writer.WriteString("cron"u8, schedule.Cron);
        writer.WriteString("timeZone"u8, schedule.TimeZone);
        writer.WriteBoolean("isPaused"u8, schedule.IsPaused);
        if (schedule.Next is { } next)
            writer.WriteString("next"u8, next);
        if (schedule.LastTime is { } last)
            writer.WriteString("lastTime"u8, last);
        if (schedule.LastRunAt is { } ran)
            writer.WriteString("lastRunAt"u8, ran);
        if (schedule.Error is not null)
            writer.WriteString("error"u8, schedule.Error);
    }
}
