using System.Globalization;
using System.Text;
using Millrace.Events;

namespace Millrace.Testing.Specifications;

/// <summary>Creates a recorded event for a specification.</summary>
internal static class StoredEvent
{
    public static RecordedEvent Of(
        EventSerializer serializer,
        string eventType,
        string payload,
        int schemaVersion,
        string stream,
        long version,
        long position,
        string? timestamp)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventType);
        ArgumentNullException.ThrowIfNull(payload);
        var recordedAt = timestamp is null
            ? new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)
            : DateTimeOffset.Parse(timestamp, CultureInfo.InvariantCulture);
        return new RecordedEvent
        {
            Id = Guid.CreateVersion7(recordedAt),
            Stream = new StreamId(stream),
            Version = version,
            Position = position,
            Type = eventType,
            SchemaVersion = schemaVersion,
            Timestamp = recordedAt,
            Payload = Encoding.UTF8.GetBytes(payload),
            Decoder = serializer,
        };
    }
}
