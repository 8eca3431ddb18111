using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Events;

namespace Millrace.Tests.Events;

public sealed class EventSerializerTests
{
    private readonly EventSerializer _serializer = new(Given.Types, new EventLimits());

    [Fact]
    public void What_was_stored_never_throws_when_it_is_read() =>
        Prop.ForAll<byte[], PositiveInt, bool>(
                (payload, version, isKnown) =>
                {
                    var recorded = Recorded(isKnown ? "counted" : "unknown", payload, version.Get % 3 + 1);
                    return recorded.Data is Counted or UnknownEvent or UnreadableEvent && recorded.Metadata is not null;
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_type_that_is_not_known_is_read_with_its_bytes()
    {
        var unknown = Assert.IsType<UnknownEvent>(Recorded("other", [1, 2, 3]).Data);

        Assert.Equal(("other", 1), (unknown.Type, unknown.SchemaVersion));
        Assert.Equal([1, 2, 3], unknown.Payload.ToArray());
    }

    [Fact]
    public void A_schema_version_that_is_not_known_is_unreadable_and_is_reported()
    {
        var unreadable = Assert.IsType<UnreadableEvent>(Recorded("counted", "{}"u8.ToArray(), schemaVersion: 2).Data);

        Assert.Contains("schema version 2", unreadable.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_payload_of_another_content_type_is_unreadable()
    {
        var recorded = Recorded("counted", "{}"u8.ToArray(), contentType: EventContentType.Binary);

        Assert.Contains(
            EventContentType.Binary, Assert.IsType<UnreadableEvent>(recorded.Data).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_is_read_back_as_it_was() => Prop.ForAll<string, string, NonNull<string>>((user, trace, key) =>
    {
        var given = new EventMetadata { UserId = Clean(user), TraceParent = Clean(trace), Source = "shop" };
        if (Clean(key.Get) is { Length: > 0 } name)
            given = given with { Extensions = given.Extensions.Add(name, Clean(user) ?? "") };
        var bytes = MetadataJson.Write(given);
        return MetadataJson.Read(bytes.Span, "shop").Equals(given);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Metadata_that_is_none_never_throws() => Prop.ForAll<byte[]>(bytes =>
        MetadataJson.Read(bytes, null) is not null).QuickCheckThrowOnFailure();

    private static string? Clean(string? text) =>
        // Halves of pairs become another character.
        text is null ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private RecordedEvent Recorded(
        string type, byte[] payload, int schemaVersion = 1, string contentType = EventContentType.Json) =>
        new()
        {
            Id = Given.Id(1),
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
