using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Events;

namespace Millrace.Tests.Events;

public sealed class EventSerializerTests
{
    private readonly EventSerializer _serializer = new(TestData.Types, new EventLimits());

    [Fact]
    public void Reading_stored_bytes_never_throws() =>
        Prop.ForAll<byte[], PositiveInt, bool>(
                (payload, version, isKnown) =>
                {
                    var recorded = Recorded(isKnown ? "counted" : "unknown", payload, version.Get % 3 + 1);
                    return recorded.Data is Counted or UnknownEvent or UnreadableEvent && recorded.Metadata is not null;
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void An_event_of_an_unknown_type_is_read_with_its_bytes()
    {
        var unknown = Assert.IsType<UnknownEvent>(Recorded("other", [1, 2, 3]).Data);

        Assert.Equal(("other", 1), (unknown.Type, unknown.SchemaVersion));
        Assert.Equal([1, 2, 3], unknown.Payload.ToArray());
    }

    [Fact]
    public void An_event_of_an_unknown_schema_version_is_unreadable_with_a_reason()
    {
        var unreadable = Assert.IsType<UnreadableEvent>(Recorded("counted", "{}"u8.ToArray(), schemaVersion: 2).Data);

        Assert.Contains("schema version 2", unreadable.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_with_another_content_type_is_unreadable()
    {
        var recorded = Recorded("counted", "{}"u8.ToArray(), contentType: EventContentType.Binary);

        Assert.Contains(
            EventContentType.Binary, Assert.IsType<UnreadableEvent>(recorded.Data).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_is_read_back_unchanged() => Prop.ForAll<string, string, NonNull<string>>((user, trace, key) =>
    {
        var metadata = new EventMetadata { UserId = Clean(user), TraceParent = Clean(trace), Source = "shop" };
        if (Clean(key.Get) is { Length: > 0 } name)
            metadata = metadata with { Extensions = metadata.Extensions.Add(name, Clean(user) ?? "") };
        var bytes = MetadataJson.Write(metadata);
        return MetadataJson.Read(bytes.Span, "shop").Equals(metadata);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Reading_malformed_metadata_never_throws() => Prop.ForAll<byte[]>(bytes =>
        MetadataJson.Read(bytes, null) is not null).QuickCheckThrowOnFailure();

    private static string? Clean(string? text) =>
        // Encoding replaces a lone surrogate with another character.
        text is null ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private RecordedEvent Recorded(
        string type, byte[] payload, int schemaVersion = 1, string contentType = EventContentType.Json) =>
        new()
        {
            Id = TestData.Id(1),
            Stream = new StreamId("a"),
            Version = 1,
            Position = 1,
            Type = type,
            SchemaVersion = schemaVersion,
            ContentType = contentType,
            Timestamp = DateTimeOffset.UnixEpoch,
            Payload = payload,
            MetadataBytes = payload,
            Decoder = _serializer,
        };
}
