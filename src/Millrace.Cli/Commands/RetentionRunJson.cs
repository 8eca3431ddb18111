using System.Text.Json;

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
        writer.WriteNumber("streams"u8, run.Streams);
        writer.WriteNumber("events"u8, run.Events);
        writer.WriteStartArray("results"u8);
        foreach (var result in run.Results)
            Write(writer, result);
        writer.WriteEndArray();
        WriteTexts(writer, "outOfReach", run.OutOfReach);
    }

    private static void Write(Utf8JsonWriter writer, RetentionResult result)
    {
        writer.WriteStartObject();
        writer.WriteString("policy"u8, result.Policy);
        writer.WriteNumber("streams"u8, result.Streams);
        writer.WriteNumber("events"u8, result.Events);
        writer.WriteNumber("bytes"u8, result.Bytes);
        writer.WriteNumber("erasedSubjects"u8, result.ErasedSubjects);
        WriteTexts(writer, "readModels", result.ReadModels);
        writer.WriteStartArray("kept"u8);
        foreach (var kept in result.Kept)
        {
            writer.WriteStartObject();
            writer.WriteString("reason"u8, kept.Reason);
            writer.WriteNumber("count"u8, kept.Count);
            WriteTexts(writer, "examples", kept.Examples);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("archives"u8);
        foreach (var archive in result.Archives)
        {
            writer.WriteStartObject();
            writer.WriteString("file"u8, archive.File);
            writer.WriteString("sha256"u8, archive.Sha256);
            writer.WriteNumber("bytes"u8, archive.Bytes);
            writer.WriteNumber("streams"u8, archive.Streams);
            writer.WriteNumber("events"u8, archive.Events);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
