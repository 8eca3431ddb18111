using System.Buffers.Binary;
using Millrace.Storage;

namespace Millrace.Testing.Conformance;

/// <summary>Creates requests and events for the checks.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset FarFuture = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly CollectionDefinition Plain = new("plain@1", []);

    /// <summary>Returns the event id for a number. A number has the same id in every run.</summary>
    public static Guid Id(int number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt32BigEndian(bytes[12..], number);
        bytes[0] = 0xA0;
        return new Guid(bytes, bigEndian: true);
    }

    public static EncodedEvent Event(
        int number, string type = "thing.happened", bool hasCallerId = true, params ReadOnlySpan<Tag> tags) =>
        new()
        {
            Id = Id(number),
            HasCallerId = hasCallerId,
            Type = type,
            Payload = System.Text.Encoding.UTF8.GetBytes($$"""{"number":{{number}}}"""),
            Tags = [.. tags],
        };

    /// <summary>Returns events with consecutive ids, starting with the id for a number.</summary>
    public static EncodedEvent[] Events(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(number => Event(number))];

    public static CommitRequest Append(string stream, ExpectedVersion expected, params EncodedEvent[] events) =>
        new() { Appends = [To(stream, expected, events)] };

    public static StreamAppend To(string stream, ExpectedVersion expected, params EncodedEvent[] events) =>
        new(new StreamId(stream), expected, events);

    public static CommitRequest Write(params DocumentChange[] changes) => new() { Documents = changes };

    public static DocumentChange Put(string collection, string key, string body, params FieldValue[] fields) =>
        new() { Collection = collection, Key = key, Body = System.Text.Encoding.UTF8.GetBytes(body), Fields = fields };

    public static CommitRequest Remove(StreamRemoval removal) => new() { Removals = [removal] };

    public static StreamRemoval Removal(
        string stream,
        RemovalKind kind,
        long before = 0,
        ExpectedVersion? expected = null
    ) => new(new StreamId(stream), kind, before, expected ?? ExpectedVersion.Any, "no longer needed", "an operator");

    public static HandledMark Mark(
        string id,
        string answer = "done",
        DateTimeOffset? until = null,
        string scope = "place-order") => new(scope, id, System.Text.Encoding.UTF8.GetBytes(answer), until ?? FarFuture);
}
