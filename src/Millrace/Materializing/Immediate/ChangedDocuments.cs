using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>
/// The documents that a commit changes, for the views that follow them. Former documents are read from the storage,
/// which no other node changes under the lease of the projection.
/// </summary>
internal sealed class ChangedDocuments(EventStore store, string source, IReadOnlyList<DocumentChange> changes)
{
    private const int MaxLoadBatch = 500;

    private IReadOnlyList<ChangedDocument>? _read;
    private bool _hasFormer;

    public int Count => changes.Count;

    /// <summary>Returns the documents without marked values. Several views share the result.</summary>
    /// <param name="withFormer">Whether the former documents are needed.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<ChangedDocument>> Read(bool withFormer, CancellationToken cancellationToken)
    {
        if (_read is not null && (_hasFormer || !withFormer))
            return _read;
        var former = withFormer
            ? await ReadFormer(cancellationToken).ConfigureAwait(false)
            : new Dictionary<string, ReadOnlyMemory<byte>>();
        var marks = store.Stored.Protection?.Model.OfCollection(source);
        _hasFormer = withFormer;
        return _read =
        [
            .. changes.Select(change => new ChangedDocument(
                change.Key,
                former.TryGetValue(change.Key, out var before) ? before : default(ReadOnlyMemory<byte>?),
                change.Body is { } body && marks is not null ? PlainConcealment.Conceal(body, marks) : change.Body)),
        ];
    }

    private async ValueTask<Dictionary<string, ReadOnlyMemory<byte>>> ReadFormer(CancellationToken cancellationToken)
    {
        var former = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        using var _ = ProtectedValues.Conceal();
        foreach (var keys in changes.Where(static change => !change.IsKnownNew).Chunk(MaxLoadBatch))
        {
            var found = await store.Storage.Documents
                .GetMany(source, [.. keys.Select(static change => change.Key)], cancellationToken)
                .ConfigureAwait(false);
            foreach (var document in found)
                former[document.Key] = document.Body;
        }
        return former;
    }
}
