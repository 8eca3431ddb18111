using System.Text.Json;
using Millrace.Cli.Models;

namespace Millrace.Cli.Commands;

/// <summary>Writes a retention run as JSON.</summary>
internal static class RetentionRunJson
{
    public static void Write(Utf8JsonWriter writer, RetentionRun run)
    {
        writer.WriteString("id"u8, run.Id);
        writer.WriteString("by"u8, run.By);
        writer.WriteString("startedAt"u8, run.StartedAt);
        if (run.EndedAt is { } ended)
            writer.WriteString("endedAt"u8, ended);
        if (run.StopReason is { } reason)
        {
            writer.WriteString("stoppedBy"u8, run.StoppedBy);
            writer.WriteString("stopReason"u8, reason);
        }
        writer.WriteNumber("streams"u8, run.Streams);
        writer.WriteNumber("events"u8, run.Events);
        ModelJsonWriter.Each(writer, "results", run.Results, Write);
        ModelJsonWriter.Texts(writer, "outOfReach", run.OutOfReach);
    }

    private static void Write(Utf8JsonWriter writer, RetentionResult result)
    {
        writer.WriteString("policy"u8, result.Policy);
        writer.WriteNumber("streams"u8, result.Streams);
        writer.WriteNumber("events"u8, result.Events);
        writer.WriteNumber("bytes"u8, result.Bytes);
        writer.WriteNumber("erasedSubjects"u8, result.ErasedSubjects);
        if (result.Warning is { } warning)
            writer.WriteString("warning"u8, warning);
        ModelJsonWriter.Texts(writer, "readModels", result.ReadModels);
        ModelJsonWriter.Each(writer, "kept", result.Kept, static (json, kept) =>
        {
            json.WriteString("reason"u8, kept.Reason);
            json.WriteNumber("count"u8, kept.Count);
            ModelJsonWriter.Texts(json, "examples", kept.Examples);
        });
        ModelJsonWriter.Each(writer, "archives", result.Archives, static (json, archive) =>
        {
            json.WriteString("file"u8, archive.File);
            json.WriteString("sha256"u8, archive.Sha256);
            json.WriteNumber("bytes"u8, archive.Bytes);
            json.WriteNumber("streams"u8, archive.Streams);
            json.WriteNumber("events"u8, archive.Events);
            json.WriteNumber("removedEvents"u8, archive.RemovedEvents);
        });
    }
}
