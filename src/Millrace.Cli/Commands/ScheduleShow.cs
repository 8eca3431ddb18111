using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Shows a schedule: its next times, its differences from the code, and its history.</summary>
internal static class ScheduleShow
{
    public static ToolCommand Create()
    {
        var name = SchedulesCommand.Name();
        var command = new ToolCommand(
            "show", "Shows a schedule with its next times, its runs, and the decisions about it.")
        {
            Examples = [("schedules show nightly-report", "Its runs, pauses and edits")],
        };
        command.Arguments.Add(name);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            var schedule = await Find(open, call.Get(name), cancellationToken);
            var history = await Schedules.Of(open.Store).History(schedule.Name, cancellationToken);
            var times = schedule.NextTimes(call.Time.GetUtcNow(), SchedulesCommand.NextTimes);
            if (call.IsJson)
            {
                JsonOutput.Object(call, writer =>
                {
                    Write(writer, schedule);
                    WriteTimes(writer, times);
                    TimerShow.Write(writer, history);
                });
                return ExitCode.Done;
            }
            var state = schedule.IsRemoved ? "; removed" : schedule.IsPaused ? "; paused" : "";
            call.Line($"{schedule.Name} recurs at '{schedule.Cron}', {schedule.TimeZone}{state}. Next:");
            foreach (var time in times)
                call.Line("  " + EventView.TimeOf(time));
            if (schedule.Error is { } error)
                call.Line($"Error: {error}");
            ReportDecisions(call, schedule);
            TimerShow.WriteResult(call, history);
            return ExitCode.Done;
        });
    }

    public static async Task<ScheduleInfo> Find(OpenStore open, string name, CancellationToken cancellationToken) =>
        await Schedules.Of(open.Store).Find(name, cancellationToken)
        ?? throw new CliException(ExitCode.NotFound, new ScheduleNotFoundException(name).Message);

    public static void WriteTimes(Utf8JsonWriter writer, IReadOnlyList<DateTimeOffset> times)
    {
        writer.WriteStartArray("nextTimes"u8);
        foreach (var time in times)
            writer.WriteStringValue(time);
        writer.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter writer, ScheduleInfo schedule)
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
        writer.WriteString("missed"u8, Word(schedule.Missed));
        writer.WriteString("overlapping"u8, Word(schedule.Overlapping));
        if (schedule.Command is not null)
            writer.WriteString("command"u8, schedule.Command);
        if (schedule.Body is { } body)
        {
            writer.WritePropertyName("body"u8);
            body.WriteTo(writer);
        }
        if (schedule.Code is { } code)
            Write(writer, code);
        writer.WriteBoolean("isAdded"u8, schedule.IsAdded);
        writer.WriteBoolean("isRemoved"u8, schedule.IsRemoved);
        Write(writer, "edited"u8, schedule.Edited);
        Write(writer, "removed"u8, schedule.Removed);
    }

    private static void Write(Utf8JsonWriter writer, ScheduleForm code)
    {
        writer.WriteStartObject("code"u8);
        writer.WriteString("cron"u8, code.Cron);
        writer.WriteString("timeZone"u8, code.TimeZone);
        writer.WriteString("missed"u8, Word(code.Missed));
        writer.WriteString("overlapping"u8, Word(code.Overlapping));
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> member, ScheduleDecision? decision)
    {
        if (decision is null)
            return;
        writer.WriteStartObject(member);
        if (decision.By is not null)
            writer.WriteString("by"u8, decision.By);
        if (decision.Reason is not null)
            writer.WriteString("reason"u8, decision.Reason);
        writer.WriteString("at"u8, decision.At);
        writer.WriteEndObject();
    }

    /// <summary>Writes the differences between the schedule and the code, with the user and the reason.</summary>
    private static void ReportDecisions(ToolInvocation call, ScheduleInfo schedule)
    {
        if (schedule is { Command: { } command, Body: { } body })
            call.Line($"It sends {command} {body.GetRawText()}.");
        if (schedule.Edited is { } edited)
            call.Line($"It was {(schedule.IsAdded ? "added" : "edited")} {WordsOf(edited)}");
        if (schedule is { Edited: not null, Code: { } code })
        {
            call.Line(
                $"The code specifies '{code.Cron}', {code.TimeZone}, missed: {Word(code.Missed)}, overlapping: "
                    + $"{Word(code.Overlapping)}; in effect are missed: {Word(schedule.Missed)}, overlapping: "
                    + $"{Word(schedule.Overlapping)}.");
        }
        if (schedule.Removed is { } removed)
            call.Line($"It was removed {WordsOf(removed)}");
    }

    /// <summary>
    /// Returns the user, the values from the code and the reason. Returns an empty text when the schedule does not
    /// differ from the code.
    /// </summary>
    public static string EditOf(ScheduleInfo schedule)
    {
        if (schedule.Edited is not { } edited)
            return "";
        var code = schedule.Code is { } form ? $"code: '{form.Cron}' {form.TimeZone}" : "added";
        return $"by {edited.By ?? "an unknown user"}; {code}{(edited.Reason is { } reason ? $"; {reason}" : "")}";
    }

    private static string Word<T>(T rule)
        where T : struct, Enum =>
        JsonNamingPolicy.CamelCase.ConvertName($"{rule}");

    private static string WordsOf(ScheduleDecision decision) =>
        $"by {decision.By ?? "an unknown user"} at "
            + $"{EventView.TimeOf(decision.At)}{(decision.Reason is { } reason ? $": {reason}" : ".")}";
}
