using System.Text.Json;
using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>Reads the states of immediate views. Only commits of a projection change them.</summary>
internal sealed class ImmediateStateStore(EventStore store)
{
    private const int MaxAttempts = 100;

    private volatile bool _hasCollection;

    private IDocumentStorage Documents => store.Storage.Documents;

    /// <summary>
    /// Returns a state with the version of its document; null and 0 if there is none. A state that cannot be read
    /// counts as missing, so that the view is built again.
    /// </summary>
    /// <param name="key">The key of the record of the view.</param>
    /// <param name="source">The collection of the read model.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<(ImmediateState? State, long Version)> Find(
        string key, string source, CancellationToken cancellationToken)
    {
        if (!_hasCollection
            && !await Documents.HasCollection(FollowerStates.Collection, cancellationToken).ConfigureAwait(false))
            return (null, 0);
        _hasCollection = true;
        var document = await Documents
            .Get(FollowerStates.Collection, FollowerStates.KeyOf(source, key), cancellationToken)
            .ConfigureAwait(false);
        return document is null ? (null, 0) : (TryRead(document.Body), document.Version);
    }

    /// <summary>Creates the collection if it does not exist.</summary>
    public async ValueTask EnsureCollection(CancellationToken cancellationToken)
    {
        if (_hasCollection)
            return;
        await Documents.EnsureCollection(new CollectionDefinition(FollowerStates.Collection, []), cancellationToken)
            .ConfigureAwait(false);
        _hasCollection = true;
    }

    /// <summary>Returns the change that stores a state.</summary>
    /// <param name="key">The key of the record of the view.</param>
    /// <param name="source">The collection of the read model.</param>
    /// <param name="version">The version of the known document. If another client changed it, the commit fails.</param>
    /// <param name="state">The state.</param>
    public static DocumentChange ChangeTo(string key, string source, long version, ImmediateState state) => new()
    {
        Collection = FollowerStates.Collection,
        Key = FollowerStates.KeyOf(source, key),
        FromVersion = version,
        Body = JsonSerializer.SerializeToUtf8Bytes(state, ViewJson.Default.ImmediateState),
    };

    /// <summary>
    /// Removes a state with rows that are removed. The projection then builds the view again, if a node declares it. A
    /// state whose rows were built meanwhile remains.
    /// </summary>
    /// <param name="key">The key of the record of the view.</param>
    /// <param name="source">The collection of the read model.</param>
    /// <param name="removed">The collections of rows that are removed.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="DocumentConflictException">The projection changes the state all the time.</exception>
    public async ValueTask Remove(
        string key, string source, IReadOnlyCollection<string> removed, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (state, version) = await Find(key, source, cancellationToken).ConfigureAwait(false);
            string[] rows = [.. state?.Rows.Select(static rows => rows.Collection) ?? []];
            if (version == 0 || (rows.Length > 0 && !rows.Any(removed.Contains)))
                return;
            var removal = new DocumentChange
            {
                Collection = FollowerStates.Collection,
                Key = FollowerStates.KeyOf(source, key),
                FromVersion = version,
            };
            try
            {
                await store.Commit(new CommitRequest { Documents = [removal] }, isBackground: true, cancellationToken)
                    .ConfigureAwait(false);
                return;
            }
            catch (DocumentConflictException) when (attempt < MaxAttempts)
            {
                // The projection has committed in between.
            }
        }
    }

    private static ImmediateState? TryRead(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, ViewJson.Default.ImmediateState);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
