using System.Text.Json;

namespace Millrace.Shared.Json;

/// <summary>Writes streams at a position, and their differences, as JSON, for HTTP and the command line tool.</summary>
internal static class EntityJson
{
    public static void WriteMembers(Utf8JsonWriter writer, EntityView view)
    {
        WriteStreamAndPosition(writer, view);
        WriteIf(writer, "aggregate"u8, view.Aggregate);
        ExplanationJson.WriteValue(writer, "state"u8, view.State);
        if (view.Last is { } last)
        {
            writer.WriteStartObject("last"u8);
            ExplanationJson.WriteEvent(writer, last);
            writer.WriteEndObject();
        }
        ExplanationJson.WriteArray(writer, "documents"u8, view.Documents, WriteDocument);
        writer.WriteNumber("moreDocuments"u8, view.MoreDocuments);
        ExplanationJson.WriteArray(writer, "tables"u8, view.Tables, WriteTable);
        ExplanationJson.WriteArray(writer, "letters"u8, view.DeadLetters, DeadLetterJson.WriteMembers);
        ExplanationJson.WriteArray(writer, "removals"u8, view.Removals, ExplanationJson.WriteRemoval);
        writer.WriteNumber("failureCount"u8, view.FailureCount);
        ExplanationJson.WriteArray(writer, "failures"u8, view.Failures, ExplanationJson.WriteFailure);
    }

    public static void WriteMembers(Utf8JsonWriter writer, EntityDifference found)
    {
        writer.WriteStartObject("before"u8);
        WriteStreamAndPosition(writer, found.Before);
        writer.WriteEndObject();
        writer.WriteStartObject("after"u8);
        WriteStreamAndPosition(writer, found.After);
        writer.WriteEndObject();
        writer.WriteBoolean("isComplete"u8, found.IsComplete);
        ExplanationJson.WriteArray(writer, "changes"u8, found.Changes, WriteChange);
        ExplanationJson.WriteArray(writer, "notCompared"u8, found.NotCompared, WritePart);
        writer.WriteNumber("moreDocuments"u8, found.After.MoreDocuments);
        writer.WriteNumber("eventCount"u8, found.EventCount);
        ExplanationJson.WriteArray(writer, "events"u8, found.Events, ExplanationJson.WriteEvent);
        ExplanationJson.WriteArray(writer, "removals"u8, found.After.Removals, ExplanationJson.WriteRemoval);
        ExplanationJson.WriteArray(writer, "lettersOpened"u8, found.OpenedDeadLetters, DeadLetterJson.WriteMembers);
        ExplanationJson.WriteArray(writer, "lettersClosed"u8, found.ClosedDeadLetters, DeadLetterJson.WriteMembers);
    }

    public static void WriteField(Utf8JsonWriter writer, FieldDifference field)
    {
        writer.WriteString("path"u8, field.Path);
        writer.WriteString("before"u8, field.Before);
        writer.WriteString("after"u8, field.After);
    }

    private static void WriteStreamAndPosition(Utf8JsonWriter writer, EntityView view)
    {
        writer.WriteString("stream"u8, view.Stream.Value);
        WriteIf(writer, "shard"u8, view.Shard);
        writer.WriteNumber("position"u8, view.Position);
        writer.WriteNumber("searchedTo"u8, view.SearchedTo);
        writer.WriteBoolean("isComplete"u8, view.IsComplete);
        writer.WriteBoolean("exists"u8, view.Exists);
        writer.WriteNumber("version"u8, view.Version);
    }

    private static void WriteDocument(Utf8JsonWriter writer, EntityDocument document)
    {
        writer.WriteString("readModel"u8, document.ReadModel);
        writer.WriteString("key"u8, document.Key);
        writer.WriteNumber("position"u8, document.Position);
        writer.WriteNumber("searchedTo"u8, document.SearchedTo);
        ExplanationJson.WriteValue(writer, "value"u8, document.Value);
    }

    private static void WriteTable(Utf8JsonWriter writer, EntityTable table)
    {
        writer.WriteString("projection"u8, table.Projection);
        writer.WriteString("key"u8, table.Key);
        writer.WriteNumber("events"u8, table.Events);
        writer.WriteNumber("position"u8, table.Position);
    }

    private static void WriteChange(Utf8JsonWriter writer, EntityChange change)
    {
        WriteIf(writer, "readModel"u8, change.ReadModel);
        writer.WriteString("key"u8, change.Key);
        writer.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(change.Kind.ToString()));
        ExplanationJson.WriteArray(writer, "fields"u8, change.Fields, WriteField);
        writer.WriteNumber("fieldCount"u8, change.FieldCount);
    }

    private static void WritePart(Utf8JsonWriter writer, EntityPart part)
    {
        WriteIf(writer, "readModel"u8, part.ReadModel);
        writer.WriteString("key"u8, part.Key);
    }

    private static void WriteIf(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }
}
