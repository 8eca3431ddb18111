using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Shared.Json;

/// <summary>Writes explanations of values as JSON, for HTTP and the command line tool.</summary>
internal static class ExplanationJson
{
    public static void WriteMembers(Utf8JsonWriter writer, Explanation found)
    {
        writer.WriteString("kind"u8, Camel(found.Kind.ToString()));
        writer.WriteString("name"u8, found.Name);
        writer.WriteString("key"u8, found.Key);
        WriteIf(writer, "shard"u8, found.Shard);
        WriteIf(writer, "stream"u8, found.Stream?.Value);
        WriteIf(writer, "member"u8, found.Member);
        WriteValue(writer, "value"u8, found.Value);
        writer.WriteBoolean("exists"u8, found.Exists);
        writer.WriteNumber("position"u8, found.Position);
        writer.WriteNumber("until"u8, found.Until);
        writer.WriteNumber("searchedFrom"u8, found.SearchedFrom);
        writer.WriteBoolean("isComplete"u8, found.IsComplete);
        WriteIf(writer, "continuation"u8, found.Continuation);
        WriteIf(writer, "noContinuation"u8, found.NoContinuation);
        writer.WriteNumber("events"u8, found.Events);
        writer.WriteNumber("changeCount"u8, found.ChangeCount);
        WriteArray(writer, "changes"u8, found.Changes, WriteChange);
        WriteStored(writer, found.Stored);
        WriteArray(writer, "causes"u8, found.Causes, WriteEvent);
        WriteArray(writer, "letters"u8, found.DeadLetters, DeadLetterJson.WriteMembers);
        writer.WriteNumber("letterCount"u8, found.DeadLetterCount);
        WriteArray(writer, "removals"u8, found.Removals, WriteRemoval);
        writer.WriteNumber("failureCount"u8, found.FailureCount);
        WriteArray(writer, "failures"u8, found.Failures, WriteFailure);
        if (found.OtherParts.Count > 0)
            WriteArray(writer, "otherParts"u8, found.OtherParts, WriteMembers);
    }

    /// <summary>Writes the author and the position of an event.</summary>
    public static void WriteEvent(Utf8JsonWriter writer, RecordedEvent recorded)
    {
        var metadata = recorded.Metadata;
        writer.WriteNumber("position"u8, recorded.Position);
        writer.WriteString("timestamp"u8, recorded.Timestamp.UtcDateTime);
        writer.WriteString("stream"u8, recorded.Stream.Value);
        writer.WriteNumber("version"u8, recorded.Version);
        writer.WriteString("type"u8, recorded.Type);
        writer.WriteNumber("schemaVersion"u8, recorded.SchemaVersion);
        writer.WriteString("eventId"u8, recorded.Id);
        WriteIf(writer, "command"u8, metadata.Command);
        WriteIf(writer, "causationId"u8, recorded.CausationId?.ToString());
        WriteIf(writer, "correlationId"u8, recorded.CorrelationId?.ToString());
        WriteIf(writer, "user"u8, metadata.UserId);
        WriteIf(writer, "source"u8, recorded.Source);
        WriteIf(writer, "applicationVersion"u8, metadata.ApplicationVersion);
        WriteIf(writer, "traceParent"u8, metadata.TraceParent);
    }

    /// <summary>Writes a value that is already JSON. Writes nothing if the value is null.</summary>
    public static void WriteValue(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? json)
    {
        if (json is null)
            return;
        writer.WritePropertyName(name);
        // The application's metadata wrote this JSON, or it was parsed before.
        writer.WriteRawValue(json, skipInputValidation: true);
    }

    public static void WriteArray<T>(
        Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> members)
    {
        writer.WritePropertyName(name);
        DeadLetterJson.WriteArray(writer, items, members);
    }

    public static void WriteRemoval(Utf8JsonWriter writer, RemovalRecord removal)
    {
        writer.WriteString("stream"u8, removal.Stream.Value);
        writer.WriteString("kind"u8, Camel(removal.Kind.ToString()));
        writer.WriteNumber("fromVersion"u8, removal.FromVersion);
        writer.WriteNumber("toVersion"u8, removal.ToVersion);
        writer.WriteNumber("events"u8, removal.Events);
        writer.WriteString("reason"u8, removal.Reason);
        WriteIf(writer, "by"u8, removal.User);
        writer.WriteString("at"u8, removal.At.UtcDateTime);
    }

    public static void WriteFailure(Utf8JsonWriter writer, FoldFailure failure)
    {
        writer.WriteNumber("position"u8, failure.Position);
        writer.WriteString("type"u8, failure.Type);
        writer.WriteString("message"u8, failure.Message);
    }

    private static void WriteChange(Utf8JsonWriter writer, ValueChange change)
    {
        WriteEvent(writer, change.Event);
        writer.WriteStartArray("rules"u8);
        foreach (var rule in change.Rules)
            writer.WriteStringValue(rule);
        writer.WriteEndArray();
        writer.WriteStartArray("readAs"u8);
        foreach (var shape in change.ReadAs)
            writer.WriteStringValue(shape);
        writer.WriteEndArray();
        writer.WriteBoolean("isCorrected"u8, change.IsCorrected);
        if (change.Statements.Count > 0)
            WriteArray(writer, "statements"u8, change.Statements, StatementJson.WriteMembers);
        WriteValue(writer, "before"u8, change.Before);
        WriteValue(writer, "after"u8, change.After);
    }

    private static void WriteStored(Utf8JsonWriter writer, StoredValue stored)
    {
        writer.WriteStartObject("stored"u8);
        writer.WriteString("state"u8, Camel(stored.State.ToString()));
        WriteIf(writer, "collection"u8, stored.Collection);
        WriteValue(writer, "value"u8, stored.Value);
        writer.WriteNumber("position"u8, stored.Position);
        writer.WriteEndObject();
    }

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static void WriteIf(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }
}
