using System.Text.Json;
using Millrace.Storage;

namespace Millrace;

/// <summary>How schedules lie in a store: a document for each, and a stream that tells each run and decision.</summary>
internal static class ScheduleStore
{
    /// <summary>The collection, and the consumer that runs what is due.</summary>
    public const string Name = "schedules";

    public static CollectionDefinition Collection { get; } =
        new(Name, [new FieldDefinition(DueDocumentScheduler.Field, FieldKind.Integer)]);

    public static StreamId StreamOf(string name) => new("$schedule-" + name);

    public static ScheduleRecord Read(Document document) =>
        JsonSerializer.Deserialize(document.Body.Span, SchedulingJson.Default.ScheduleRecord)!; // As it was written.

    /// <summary>Adds a schedule as it is to be, and what is told of it, to a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The schedule.</param>
    /// <param name="record">As it is to be; null where it is to be no more.</param>
    /// <param name="fromVersion">The version that it has; 0 when it is new.</param>
    /// <param name="type">What is told of it; null for nothing.</param>
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
