using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Shared.Json;

/// <summary>Writes dead letters as JSON, for HTTP and the command line tool.</summary>
internal static class DeadLetterJson
{
    public static void WriteArray<T>(Utf8JsonWriter writer, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> members)
    {
        writer.WriteStartArray();
        foreach (var item in items)
            WriteObject(writer, item, members);
        writer.WriteEndArray();
    }

    public static void WriteObject<T>(Utf8JsonWriter writer, T item, Action<Utf8JsonWriter, T> members)
    {
        writer.WriteStartObject();
        members(writer, item);
        writer.WriteEndObject();
    }

    public static void WriteReplay(Utf8JsonWriter writer, DeadLetterReplay replayed)
    {
        writer.WriteNumber("released"u8, replayed.Decided);
        writer.WriteNumber("missed"u8, replayed.Conflicted);
        writer.WriteNumber("passed"u8, replayed.Succeeded);
        writer.WriteNumber("failed"u8, replayed.Failed);
        writer.WriteBoolean("isStopped"u8, replayed.IsStopped);
    }

    public static void WriteSimulation(Utf8JsonWriter writer, DeadLetterSimulation simulated)
    {
        writer.WriteNumber("passes"u8, simulated.Passes);
        writer.WriteNumber("fails"u8, simulated.Fails);
        writer.WriteNumber("unknown"u8, simulated.Unknown);
        writer.WritePropertyName("letters"u8);
        WriteArray(writer, simulated.DeadLetters, WriteSimulated);
    }

    public static void WriteSimulated(Utf8JsonWriter writer, SimulatedDeadLetter letter)
    {
        writer.WriteNumber("id"u8, letter.DeadLetter.Id);
        WriteIf(writer, "shard"u8, letter.DeadLetter.Shard);
        writer.WriteString("outcome"u8, JsonNamingPolicy.CamelCase.ConvertName(letter.Outcome.ToString()));
        WriteIf(writer, "error"u8, letter.Error);
        WriteIf(writer, "cause"u8, letter.Cause);
    }

    public static void WriteMembers(Utf8JsonWriter writer, DeadLetter letter)
    {
        writer.WriteNumber("id"u8, letter.Id);
        WriteIf(writer, "shard"u8, letter.Shard);
        writer.WriteString("consumer"u8, letter.Consumer);
        writer.WriteString("state"u8, JsonNamingPolicy.CamelCase.ConvertName(letter.State.ToString()));
        writer.WriteString("key"u8, letter.Key);
        writer.WriteNumber("position"u8, letter.Position);
        writer.WriteString("stream"u8, letter.Stream.Value);
        writer.WriteNumber("version"u8, letter.Version);
        writer.WriteString("type"u8, letter.EventType);
        writer.WriteString("eventId"u8, letter.EventId);
        writer.WriteNumber("attempts"u8, letter.Attempts);
        WriteIf(
            writer, "class"u8, letter.Class is { } one ? JsonNamingPolicy.CamelCase.ConvertName(one.ToString()) : null);
        WriteIf(writer, "cause"u8, letter.Cause);
        WriteIf(writer, "errorType"u8, letter.ErrorType);
        WriteIf(writer, "message"u8, letter.Message);
        WriteIf(writer, "retryAt"u8, letter.RetryAt);
        WriteIf(writer, "firstFailedAt"u8, letter.FirstFailedAt);
        WriteIf(writer, "lastFailedAt"u8, letter.LastFailedAt);
        writer.WriteBoolean("isEdited"u8, letter.EditedPayload is not null);
        WriteIf(
            writer,
            "decision"u8,
            letter.Decision is { } decision ? JsonNamingPolicy.CamelCase.ConvertName(decision.ToString()) : null);
        WriteIf(writer, "by"u8, letter.User);
        WriteIf(writer, "reason"u8, letter.Reason);
        WriteIf(writer, "decidedAt"u8, letter.DecidedAt);
    }

    public static void WriteView(Utf8JsonWriter writer, DeadLetterView view)
    {
        WriteMembers(writer, view.DeadLetter);
        WriteIf(writer, "stack"u8, view.DeadLetter.Stack);
        if (view.Event is { } recorded)
            PayloadJson.Write(writer, "payload"u8, "payload"u8, recorded.ReadablePayload.Span);
        if (view.ReadableEdit is { } edited)
            PayloadJson.Write(writer, "editedPayload"u8, "editedPayload"u8, edited.Span);
        writer.WriteNumber("waitingCount"u8, view.WaitingCount);
        writer.WriteStartArray("waiting"u8);
        foreach (var waiting in view.Waiting)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id"u8, waiting.Id);
            writer.WriteNumber("position"u8, waiting.Position);
            writer.WriteString("type"u8, waiting.EventType);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        if (view.BlockedBy is { } head)
            writer.WriteNumber("behind"u8, head.Id);
    }

    public static void WriteGroup(Utf8JsonWriter writer, DeadLetterGroup group)
    {
        writer.WriteString("consumer"u8, group.Consumer);
        WriteIf(writer, "shard"u8, group.Shard);
        writer.WriteString("cause"u8, group.Cause);
        writer.WriteNumber("letters"u8, group.DeadLetters);
        writer.WriteString("firstFailedAt"u8, group.FirstFailedAt.UtcDateTime);
        writer.WriteString("lastFailedAt"u8, group.LastFailedAt.UtcDateTime);
        writer.WriteStartObject("sample"u8);
        WriteMembers(writer, group.Sample);
        writer.WriteEndObject();
    }

    private static void WriteIf(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    private static void WriteIf(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? value)
    {
        if (value is { } time)
            writer.WriteString(name, time.UtcDateTime);
    }
}
