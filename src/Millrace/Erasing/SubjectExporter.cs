using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Millrace.Aggregates;
using Millrace.Scheduling;

namespace Millrace.Erasing;

/// <summary>Exports the data of a subject from the log and the documents.</summary>
internal sealed class SubjectExporter(ErasureScope scope, string subject)
{
    private const int MaxItems = 100_000;

    private static readonly JsonWriterOptions Format =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    private readonly List<SubjectItem> _events = [];
    private readonly List<SubjectItem> _documents = [];
    private bool _isTruncated;

    public async Task<SubjectExport> Run(
        IReadOnlyList<ErasureInfo> erasures, IReadOnlyList<LegalHold> holds, CancellationToken cancellationToken)
    {
        var keys = await new SubjectKeys(scope, subject, []).List(cancellationToken).ConfigureAwait(false);
        var ids = new KeyIdSet(keys.Select(key => key.Id));
        var reader = new SubjectValueReader(scope, ids);
        await ReadEvents(reader, ids, cancellationToken).ConfigureAwait(false);
        await ReadDocuments(reader, cancellationToken).ConfigureAwait(false);
        return new SubjectExport(
            Write(erasures, holds),
            SubjectHtml.Write(subject, _events, _documents, erasures, holds, scope.Store.Time.GetUtcNow()));
    }

    private async Task ReadEvents(SubjectValueReader reader, KeyIdSet ids, CancellationToken cancellationToken)
    {
        var plainValues = new PlainValueReader(scope, subject, []);
        var streams = new StreamSubjects(scope);
        await foreach (var recorded in scope.ReadEvents(scope.Filter(), cancellationToken).ConfigureAwait(false))
        {
            var isOwn = scope.IsStreamOf(recorded.Stream, subject);
            var plain = await plainValues.Read(recorded, ids, streams, cancellationToken).ConfigureAwait(false);
            if (!isOwn && plain.OfSubject.Count == 0 && !reader.IsIn(recorded.Payload.Span))
                continue;
            var context = scope.Protection.Scope.OfEvent(recorded.Type, recorded.Stream, recorded.Id);
            var stored = SubjectValueReader.Withhold(
                recorded.ReadablePayload, isOwn ? plain.OfOthers : [.. plain.OfOthers, .. plain.OfUnknown]);
            var json = await reader.Reveal(stored, context, cancellationToken).ConfigureAwait(false);
            Add(_events, new SubjectItem(
                scope.ToOwn(recorded.Stream.Value), recorded.Type, recorded.Timestamp, recorded.Position, json)
            {
                // In the subject's own stream, values of unknown subjects are exported.
                HasPlainValues = plain.OfSubject.Count > 0 || (isOwn && plain.OfUnknown.Count > 0),
            });
        }
    }

    private async Task ReadDocuments(SubjectValueReader reader, CancellationToken cancellationToken)
    {
        foreach (var collection in await scope.Collections(cancellationToken).ConfigureAwait(false))
        {
            var name = collection.Definition.Name;
            if (scope.ToOwn(name) is SnapshotStore.Collection or TimerStore.Name)
                continue;
            await foreach (var document in scope.ReadDocuments(name, cancellationToken).ConfigureAwait(false))
            {
                if (!reader.IsIn(document.Body.Span))
                    continue;
                var context = scope.Protection.Scope.OfDocument(name, document.Key);
                var json = await reader.Reveal(document.Body, context, cancellationToken).ConfigureAwait(false);
                Add(_documents, new SubjectItem(
                    document.Key, scope.ToOwn(name), Time: null, document.Position, json));
            }
        }
    }

    private void Add(List<SubjectItem> items, SubjectItem item)
    {
        if (items.Count < MaxItems)
            items.Add(item);
        else
            _isTruncated = true;
    }

    private ReadOnlyMemory<byte> Write(IReadOnlyList<ErasureInfo> erasures, IReadOnlyList<LegalHold> holds)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Format))
        {
            writer.WriteStartObject();
            writer.WriteString("subject"u8, subject);
            writer.WriteString("exportedAt"u8, scope.Store.Time.GetUtcNow());
            writer.WriteBoolean("isTruncated"u8, _isTruncated);
            Write(writer, "events", "stream", "type", _events);
            Write(writer, "documents", "key", "readModel", _documents);
            writer.WriteStartArray("erasures"u8);
            foreach (var erasure in erasures)
            {
                writer.WriteStartObject();
                writer.WriteString("id"u8, erasure.Request.Id);
                writer.WriteString("state"u8, erasure.State.ToString());
                writer.WriteString("reason"u8, erasure.Request.Reason);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteStartArray("legalHolds"u8);
            foreach (var hold in holds)
            {
                writer.WriteStartObject();
                writer.WriteString("reason"u8, hold.Reason);
                writer.WriteString("at"u8, hold.At);
                if (hold.Until is { } until)
                    writer.WriteString("until"u8, until);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static void Write(
        Utf8JsonWriter writer, string name, string owner, string type, List<SubjectItem> items)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteStartObject();
            writer.WriteString(owner, item.Owner);
            writer.WriteString(type, item.Type);
            if (item.Time is { } time)
                writer.WriteString("time"u8, time);
            writer.WriteNumber("position"u8, item.Position);
            if (item.HasPlainValues)
                writer.WriteBoolean("hasPlainValues"u8, true);
            writer.WritePropertyName("data"u8);
            item.Data.WriteTo(writer);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}

/// <summary>An event or a document of a subject.</summary>
/// <param name="Owner">The stream, or the key of the document.</param>
/// <param name="Type">The type of the event, or the read model.</param>
/// <param name="Time">The time of the event; null for a document.</param>
/// <param name="Position">The position in the log.</param>
/// <param name="Data">The JSON.</param>
internal sealed record SubjectItem(string Owner, string Type, DateTimeOffset? Time, long Position, JsonElement Data)
{
    /// <summary>Gets whether the event has values that are not encrypted, so that an erasure cannot remove
    /// them.</summary>
    public bool HasPlainValues { get; init; }
}
