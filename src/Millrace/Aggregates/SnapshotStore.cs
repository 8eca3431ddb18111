using System.Text.Json;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Snapshots of aggregates, kept as documents. They only ever save time: whatever is wrong with one, the events are replayed instead.
/// </summary>
internal sealed partial class SnapshotStore(EventStore store, ILogger logger)
{
    public const string Collection = "snapshots";
    private volatile bool _isEnsured;

    /// <summary>Makes the collection, once.</summary>
    public async ValueTask Ensure(CancellationToken cancellationToken)
    {
        if (_isEnsured)
            return;
        await store.Storage.Documents.EnsureCollection(new CollectionDefinition(Collection, []), cancellationToken).ConfigureAwait(false);
        _isEnsured = true;
    }

    /// <summary>Reads the snapshot of a stream if it is of the right schema version and can be read.</summary>
    public async ValueTask<Snapshot?> Find(StreamId stream, int schemaVersion, CancellationToken cancellationToken)
    {
        await Ensure(cancellationToken).ConfigureAwait(false);
        var document = await store.Storage.Documents.Get(Collection, stream.Value, cancellationToken).ConfigureAwait(false);
        if (document is null)
            return null;
        try
        {
            using var json = JsonDocument.Parse(document.Body);
            var root = json.RootElement;
            var isUsable = root.GetProperty("schemaVersion").GetInt32() == schemaVersion && root.GetProperty("version").GetInt64() > 0;
            if (!isUsable)
                return null;
            var state = JsonSerializer.SerializeToUtf8Bytes(root.GetProperty("state"), SnapshotJson.Default.JsonElement);
            return new Snapshot(root.GetProperty("version").GetInt64(), state);
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            Log.Unreadable(logger, stream, exception);
            return null;
        }
    }

    /// <summary>The change that keeps a snapshot, or null when the aggregate's own code could not take it.</summary>
    public DocumentChange? Take(StreamId stream, AggregateDefinition definition, Aggregate aggregate)
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
#pragma warning disable CA1031 // A snapshot only saves time: an aggregate whose code cannot take one must still be saved.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotTaken(logger, stream, exception);
            return null;
        }
    }

    public void RestoreFailed(StreamId stream, Exception exception) => Log.Unreadable(logger, stream, exception);

    private static partial class Log
    {
        [LoggerMessage(EventId = 3001, Level = LogLevel.Warning,
            Message = "The snapshot of {Stream} cannot be read; its events are replayed instead.")]
        public static partial void Unreadable(ILogger logger, StreamId stream, Exception exception);

        [LoggerMessage(EventId = 3002, Level = LogLevel.Warning,
            Message = "No snapshot of {Stream} could be taken; it is saved without one.")]
        public static partial void NotTaken(ILogger logger, StreamId stream, Exception exception);
    }
}

/// <summary>A snapshot read back.</summary>
/// <param name="Version">The version of the stream that it holds the state of.</param>
/// <param name="State">The state, as its aggregate wrote it.</param>
internal sealed record Snapshot(long Version, byte[] State);
