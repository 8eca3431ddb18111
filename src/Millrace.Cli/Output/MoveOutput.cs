using System.Text.Json;
using Millrace.Storage.Moves;

namespace Millrace.Cli.Output;

/// <summary>Writes the result of a move or of a dry run.</summary>
internal static class MoveOutput
{
    public static void WriteResult(ToolInvocation call, MoveLocations locations, StoreMoveReport report, bool isDone)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer => Write(writer, locations, report, isDone));
            call.Flush();
            return;
        }
        if (!isDone)
        {
            call.Line(
                $"{locations.SourceText} can be moved to {locations.TargetText}. A move would copy "
                    + $"{Counted.Of(report.Events, "position")} of its log, which ends at "
                    + $"{TextTable.Number(report.Head.Position)}, and the data beside the log.");
        }
        else
        {
            call.Line(
                $"Moved {locations.SourceText} to {locations.TargetText}: {Counted.Of(report.Events, "event")} and "
                    + $"{Counted.Of(report.Rows, "row")} beside the log, {Counted.Of(report.Segments, "segment")} "
                    + "compared."
            );
            call.Line(
                $"Writers waited for {TextTable.Number((long)report.WriterWaitTime.TotalMilliseconds)} ms. "
                    + $"{locations.SourceText} "
                    + "is closed: restart applications that do not follow automatically, with the new location.");
        }
        if (report.NotMoved.Count > 0)
        {
            call.Line(
                $"Not moved, because they do not belong to the store: {string.Join(", ", report.NotMoved)}. If a "
                    + "projection fills them, rebuild it at the new location (millrace projections rebuild NAME): its "
                    + "checkpoint was moved, but its tables were not. Copy others yourself, for example with pg_dump "
                    + "--table or sqlite3 .dump, before applications use the new location."
            );
        }
    }

    public static void Write(Utf8JsonWriter writer, MoveLocations locations)
    {
        writer.WriteString("from"u8, locations.SourceText);
        writer.WriteString("to"u8, locations.TargetText);
    }

    private static void Write(Utf8JsonWriter writer, MoveLocations locations, StoreMoveReport report, bool isDone)
    {
        Write(writer, locations);
        writer.WriteBoolean("isMoved"u8, isDone);
        writer.WriteNumber("epoch"u8, report.Head.Epoch);
        writer.WriteNumber("position"u8, report.Head.Position);
        writer.WriteNumber("events"u8, report.Events);
        writer.WriteNumber("rows"u8, report.Rows);
        writer.WriteNumber("segments"u8, report.Segments);
        writer.WriteNumber("heldMilliseconds"u8, (long)report.WriterWaitTime.TotalMilliseconds);
        writer.WriteNumber("tookMilliseconds"u8, (long)report.Duration.TotalMilliseconds);
        writer.WriteStartArray("notMoved"u8);
        foreach (var name in report.NotMoved)
            writer.WriteStringValue(name);
        writer.WriteEndArray();
    }
}
