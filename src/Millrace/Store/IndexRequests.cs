using System.Threading.Channels;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// The collections that may lack declared or advised indexes. <see cref="AdvisedIndexService"/> builds them, if it
/// runs. Thread-safe.
/// </summary>
internal sealed class IndexRequests
{
    private const int MaxCollections = 1_000; // A further collection gets its indexes after the next start.

    private readonly Channel<IndexRequest> _requests = Channel.CreateBounded<IndexRequest>(
        new BoundedChannelOptions(MaxCollections) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Requests the indexes of a collection, and returns at once.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="declared">The indexes that the code of the projection declares; null if they are unknown.</param>
    public void Add(CollectionDefinition collection, IReadOnlyList<DocumentIndex>? declared = null) =>
        _requests.Writer.TryWrite(new IndexRequest(collection, declared));

    /// <summary>Returns the next collection, as soon as there is one.</summary>
    public ValueTask<IndexRequest> Take(CancellationToken cancellationToken) =>
        _requests.Reader.ReadAsync(cancellationToken);
}

/// <summary>A collection that may lack indexes.</summary>
/// <param name="Collection">The collection.</param>
/// <param name="Declared">The indexes that the code of the projection declares; null if they are unknown.</param>
internal sealed record IndexRequest(CollectionDefinition Collection, IReadOnlyList<DocumentIndex>? Declared);
