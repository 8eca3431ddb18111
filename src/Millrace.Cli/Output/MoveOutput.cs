using System.Text.Json;
using Millrace.Storage.Moves;

namespace Millrace.Cli;

/// <summary>Says what a move has done, or would do.</summary>
internal static class MoveOutput
{
    public static void WriteResult(ToolInvocation call, MoveLocations places, StoreMoveReport report, bool isDone)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer => Write(writer, places, report, isDone));
            call.Flush();
            return;
        }
        if (!isDone)
        {
            call.Line(
                $"{places.SourceText} can be moved to {places.TargetText}: to carry are "
                    + $"{Counted.Of(report.Events, "position")} of its log, "
                + $"which ends at {TextTable.Number(report.Head.Position)}, and what stands beside it.");
        }
        else
        {
            call.Line(
                $"Moved {places.SourceText} to {places.TargetText}: {Counted.Of(report.Events, "event")} and "
                    + $"{Counted.Of(report.Rows, "row")} beside the log, {Counted.Of(report.Segments, "segment")} "
                    + $"compared."
            );
            call.Line(
                $"Writers were held up for {TextTable.Number((long)report.Held.TotalMilliseconds)} ms. "
                    + $"{places.SourceText} is closed: "
                + "applications that do not follow by themselves are to be started on the new place.");
        }
        if (report.NotMoved.Count > 0)
        {
            call.Line(
                $"Not moved, because they are not the store's: {string.Join(", ", report.NotMoved)}. Where a "
                    + $"projection fills them, "
                    + "have it do so anew at the new place (millrace projections rebuild NAME): its checkpoint was "
                    + "moved, its tables were "
                    + "not. Carry others over yourself, as with pg_dump --table or sqlite3 .dump, before applications "
                    + "use the new place."
            );
        }
    }

    public static void Write(Utf8JsonWriter writer, MoveLocations places)
    {
        writer.WriteString("from"u8, places.SourceText);
        writer.WriteString("to"u8, places.TargetText);
    }

    private static void Write(Utf8JsonWriter writer, MoveLocations places, StoreMoveReport report, bool isDone)
    {
        Write(writer, places);
        writer.WriteBoolean("isMoved"u8, isDone);
        writer.WriteNumber("epoch"u8, report.Head.Epoch);
        writer.WriteNumber("position"u8, report.Head.Position);
        writer.WriteNumber("events"u8, report.Events);
        writer.WriteNumber("rows"u8, report.Rows);
        writer.WriteNumber("segments"u8, report.Segments);
        writer.WriteNumber("heldMilliseconds"u8, (long)report.Held.TotalMilliseconds);
        writer.WriteNumber("tookMilliseconds"u8, (long)report.Took.TotalMilliseconds);
        writer.WriteStartArray("notMoved"u8);
        foreach (var name in report.NotMoved)
            writer.WriteStringValue(name);
        writer.WriteEndArray();
    }
}
