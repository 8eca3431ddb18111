using System.Text.Json;
using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Scheduling;

/// <summary>Stores timers. Each pending timer has a document, and each timer has a stream with its history.</summary>
internal static class TimerStore
{
    /// <summary>The name of the collection, and of the consumer that fires the timers that are due.</summary>
    public const string Name = "timers";

    private const int MaxKeyCharacters = 256;

    /// <summary>The JSON of a command without members.</summary>
    public static JsonElement NoMembers { get; } = JsonDocument.Parse("{}").RootElement.Clone();

    public static CollectionDefinition Collection { get; } =
        new(
            Name,
            [
                new FieldDefinition(DueDocumentScheduler.Field, FieldKind.Integer),
                new FieldDefinition("command", FieldKind.Text),
            ]
        );

    public static StreamId StreamOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Length is 0 or > MaxKeyCharacters || key.Contains('\0', StringComparison.Ordinal)
            ? throw new InvalidNameException(
                "timer's key", key, $"it must have from 1 to {MaxKeyCharacters} characters, without NUL")
            : new StreamId("$timer-" + key);
    }

    /// <summary>Returns the change that writes a timer.</summary>
    public static DocumentChange Write(string key, TimerRecord record, long? fromVersion) => new()
    {
        Collection = Name,
        Key = key,
        FromVersion = fromVersion,
        Body = JsonSerializer.SerializeToUtf8Bytes(record, SchedulingJson.Default.TimerRecord),
        Fields = [FieldValue.Microseconds(record.Due), record.Command],
    };

    /// <summary>Returns the change that removes a timer.</summary>
    public static DocumentChange Remove(string key, long fromVersion) =>
        new() { Collection = Name, Key = key, FromVersion = fromVersion };

    /// <summary>Returns an event for the history of a timer.</summary>
    public static NewEvent Event(string type, TimerNote note) =>
        NewEvent.FromBytes(type, JsonSerializer.SerializeToUtf8Bytes(note, SchedulingJson.Default.TimerNote)) with
        {
            Metadata = note.By is null ? null : new EventMetadata { UserId = note.By },
        };

    /// <summary>Returns the history of a timer or a schedule, oldest entry first.</summary>
    public static async ValueTask<IReadOnlyList<TimerEntry>> ReadHistory(
        EventStore store, StreamId stream, CancellationToken cancellationToken)
    {
        var entries = new List<TimerEntry>();
        await foreach (
            var recorded in store.ReadStream(stream, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            var note =
                JsonSerializer.Deserialize(recorded.Payload.Span, SchedulingJson.Default.TimerNote) ?? new TimerNote();
            entries.Add(
                new TimerEntry(
                    recorded.Version,
                    recorded.Type[(recorded.Type.IndexOf('.', StringComparison.Ordinal) + 1)..],
                    note.Due,
                    note.DueBefore,
                    note.Reason,
                    note.By,
                    recorded.Timestamp));
        }
        return entries;
    }

    public static TimerRecord Read(Document document) =>
        JsonSerializer.Deserialize(document.Body.Span, SchedulingJson.Default.TimerRecord)!;

    public static TimerInfo InfoOf(Document document) => InfoOf(document.Key, Read(document));

    public static TimerInfo InfoOf(string key, TimerRecord record) =>
        new(key, record.Command, record.Body, record.Due, record.SetAt, record.By, record.Failures, record.Error);
}
