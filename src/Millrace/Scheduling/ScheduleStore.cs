using System.Text.Json;
using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Scheduling;

/// <summary>Stores schedules. Each schedule has a document, and a stream with its runs and decisions.</summary>
internal static class ScheduleStore
{
    /// <summary>The name of the collection, and of the consumer that runs the schedules that are due.</summary>
    public const string Name = "schedules";

    public static CollectionDefinition Collection { get; } =
        new(Name, [new FieldDefinition(DueDocumentScheduler.Field, FieldKind.Integer)]);

    public static StreamId StreamOf(string name) => new("$schedule-" + name);

    public static ScheduleRecord Read(Document document) =>
        JsonSerializer.Deserialize(document.Body.Span, SchedulingJson.Default.ScheduleRecord)!;

    /// <summary>Adds a change to a schedule, and an event about it, to a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The name of the schedule.</param>
    /// <param name="record">The new record; null to remove the schedule.</param>
    /// <param name="fromVersion">The version of the current record; 0 for a new schedule.</param>
    /// <param name="type">The type of the event; null for no event.</param>
    /// <param name="note">The details.</param>
    public static AppendRequest AddTo(
        AppendRequest request, string name, ScheduleRecord? record, long fromVersion, string? type, TimerNote note)
    {
        if (type is not null)
            request.To(StreamOf(name), ExpectedVersion.Any, TimerStore.Event(type, note));
        request.With(
            record is null
                ? new DocumentChange
                {
                    Collection = Name,
                    Key = name,
                    FromVersion = fromVersion,
                }
                : new DocumentChange
                {
                    Collection = Name,
                    Key = name,
                    FromVersion = fromVersion,
                    Body = JsonSerializer.SerializeToUtf8Bytes(record, SchedulingJson.Default.ScheduleRecord),
                    Fields = [FieldValue.Microseconds(record.Due)],
                }
        );
        return request;
    }
}
