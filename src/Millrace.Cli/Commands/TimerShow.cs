using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Shows a timer and the history of its key, also when the timer no longer exists.</summary>
internal static class TimerShow
{
    public static ToolCommand Create()
    {
        var key = TimersCommand.Key();
        var command = new ToolCommand(
            "show", "Shows a timer and its history, also after it has fired or was canceled.")
        {
            Examples = [("timers show order-42-unpaid", "Its due time, its command and its changes")],
        };
        command.Arguments.Add(key);
        return command.SetStoreHandler(
            async (call, open, cancellationToken) =>
            {
                var timers = Timers.Of(open.Store);
                var timer = await timers.Find(call.Get(key), cancellationToken);
                var history = await timers.History(call.Get(key), cancellationToken);
                if (timer is null && history.Count == 0)
                    throw new CliException(
                        ExitCode.NotFound, $"Timer '{call.Get(key)}' does not exist and never existed.");
                if (call.IsJson)
                    JsonOutput.Object(call, writer => Write(writer, call.Get(key), timer, history));
                else
                    WriteResult(call, timer, history);
                return ExitCode.Done;
            }
        );
    }

    /// <summary>Writes the history of a timer or a schedule as rows.</summary>
    public static void WriteResult(ToolInvocation call, IReadOnlyList<TimerEntry> history)
    {
        var rows = new TextTable("#", "what", "at", "due", "by", "~reason");
        foreach (var entry in history)
        {
            rows.Add(
                TextTable.Number(entry.Version),
                entry.Kind,
                EventView.TimeOf(entry.At),
                entry.Due is { } due ? EventView.TimeOf(due) : "",
                entry.By ?? "",
                entry.Reason ?? "");
        }
        rows.Write(call);
    }

    /// <summary>Writes the history as JSON.</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<TimerEntry> history)
    {
        writer.WriteStartArray("history"u8);
        foreach (var entry in history)
        {
            writer.WriteStartObject();
            writer.WriteNumber("version"u8, entry.Version);
            writer.WriteString("what"u8, entry.Kind);
            writer.WriteString("at"u8, entry.At);
            if (entry.Due is { } due)
                writer.WriteString("due"u8, due);
            if (entry.DueBefore is { } before)
                writer.WriteString("dueBefore"u8, before);
            if (entry.By is not null)
                writer.WriteString("by"u8, entry.By);
            if (entry.Reason is not null)
                writer.WriteString("reason"u8, entry.Reason);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteResult(ToolInvocation call, TimerInfo? timer, IReadOnlyList<TimerEntry> history)
    {
        if (timer is null)
            call.Line("The timer no longer exists. History:");
        else if (timer.Due is { } due)
            call.Line($"{timer.Key} sends {timer.Command} {timer.Body.GetRawText()} at {EventView.TimeOf(due)}.");
        else
            call.Line($"{timer.Key} is held: {timer.Command} {timer.Body.GetRawText()} failed: {timer.Error}");
        WriteResult(call, history);
    }

    private static void Write(Utf8JsonWriter writer, string key, TimerInfo? timer, IReadOnlyList<TimerEntry> history)
    {
        writer.WriteString("key"u8, key);
        if (timer is not null)
        {
            writer.WriteStartObject("timer"u8);
            TimersCommand.Write(writer, timer);
            writer.WriteEndObject();
        }
        Write(writer, history);
    }
}
