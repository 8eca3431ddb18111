using System.Text.Json;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Aggregates;

/// <summary>
/// Stores snapshots of aggregates as documents. Snapshots only save time. If a snapshot is invalid, the events are
/// replayed.
/// </summary>
internal sealed partial class SnapshotStore(EventStore store, ILogger logger)
{
    public const string Collection = "snapshots";
    private volatile bool _isEnsured;

    /// <summary>Creates the collection on the first call.</summary>
    public async ValueTask Ensure(CancellationToken cancellationToken)
    {
        if (_isEnsured)
            return;
        await store
            .Storage.Documents.EnsureCollection(new CollectionDefinition(Collection, []), cancellationToken)
            .ConfigureAwait(false);
        _isEnsured = true;
    }

    /// <summary>Reads the stored snapshot of a stream, together with the stream.</summary>
    public async ValueTask<StoredSnapshot> Read(StreamId stream, CancellationToken cancellationToken)
    {
        await Ensure(cancellationToken).ConfigureAwait(false);
        var query = new SnapshotQuery(Collection, stream.Value, stream, store.Options.PageEvents);
        var stored = await store.Storage.ReadSnapshot(query, cancellationToken).ConfigureAwait(false);
        return stored with { EventsAfter = store.Reader.DecodableOrNull(stored.EventsAfter) };
    }

    /// <summary>Returns the snapshot of a stream; null if it has another schema version or cannot be read.</summary>
    public Snapshot? Find(StreamId stream, Document? document, int schemaVersion)
    {
        if (document is null)
            return null;
        try
        {
            return Parse(document.Body, schemaVersion);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            Log.Unreadable(logger, stream, exception);
            return null;
        }
    }

    /// <summary>
    /// Returns the change that stores a snapshot; null if the aggregate's code fails to create a snapshot.
    /// </summary>
    public DocumentChange? Create(StreamId stream, AggregateDefinition definition, Aggregate aggregate)
    {
        try
        {
            var state = definition.TakeSnapshot(aggregate);
            using var buffer = new MemoryStream(state.Length + 64);
            using (var writer = new Utf8JsonWriter(buffer))
            {
                writer.WriteStartObject();
                writer.WriteNumber("schemaVersion", definition.SnapshotSchemaVersion);
                writer.WriteNumber("version", aggregate.Version);
                writer.WritePropertyName("state");
                writer.WriteRawValue(state);
                writer.WriteEndObject();
            }
            return new DocumentChange { Collection = Collection, Key = stream.Value, Body = buffer.ToArray() };
        }
#pragma warning disable CA1031 // Without a snapshot, the aggregate is still saved.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotTaken(logger, stream, exception);
            return null;
        }
    }

    /// <summary>Parses the members of a snapshot. The state remains raw JSON.</summary>
    private static Snapshot? Parse(ReadOnlyMemory<byte> body, int schemaVersion)
    {
        var schema = 0;
        var version = 0L;
        var state = default(ReadOnlyMemory<byte>);
        var reader = new Utf8JsonReader(body.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The snapshot is not an object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (TryMoveToValue(ref reader, "schemaVersion"u8))
                schema = reader.GetInt32();
            else if (TryMoveToValue(ref reader, "version"u8))
                version = reader.GetInt64();
            else
                state = ReadStateOrSkip(ref reader, body, state);
        }
        reader.Read(); // Throws an exception if data follows the object.
        return schema == 0 || version == 0 || state.IsEmpty
            ? throw new JsonException("The snapshot lacks schemaVersion, version or state.")
            : schema == schemaVersion && version > 0 ? new Snapshot(version, state) : null;
    }

    /// <summary>Moves to the value of the current member and returns true, if the member has the name.</summary>
    private static bool TryMoveToValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.ValueTextEquals(name) && reader.Read();

    /// <summary>
    /// Skips the next value. Returns the bytes of the value if it is the state, and otherwise <paramref name="state"/>.
    /// </summary>
    private static ReadOnlyMemory<byte> ReadStateOrSkip(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, ReadOnlyMemory<byte> state)
    {
        var isState = reader.ValueTextEquals("state"u8);
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return isState ? body[start..(int)reader.BytesConsumed] : state;
    }

    public void RestoreFailed(StreamId stream, Exception exception) => Log.Unreadable(logger, stream, exception);

    private static partial class Log
    {
        [LoggerMessage(EventId = 3001, Level = LogLevel.Warning,
            Message = "The snapshot of {Stream} cannot be read; its events are replayed instead.")]
        public static partial void Unreadable(ILogger logger, StreamId stream, Exception exception);

        [LoggerMessage(EventId = 3002, Level = LogLevel.Warning,
            Message = "A snapshot of {Stream} could not be taken; the aggregate is saved without one.")]
        public static partial void NotTaken(ILogger logger, StreamId stream, Exception exception);
    }
}

/// <summary>A snapshot that was read from the store.</summary>
/// <param name="Version">The version of the stream that the state belongs to.</param>
/// <param name="State">The bytes of the state that the aggregate wrote.</param>
internal readonly record struct Snapshot(long Version, ReadOnlyMemory<byte> State);
