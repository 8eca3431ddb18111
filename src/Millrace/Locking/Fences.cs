using System.Text.Json;
using Millrace.Locking;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Protects resources with the fencing tokens of their locks. A caller whose token is lower than a token that was used
/// before has lost the lock, so its request is refused. Thread-safe.
/// </summary>
/// <remarks>The greatest token of each resource is stored permanently.</remarks>
public sealed class Fences
{
    private const string Name = "fences";
    private static readonly CollectionDefinition Collection = new(Name, []);

    private readonly EventStore _store;
    private volatile bool _hasCollection;

    /// <summary>Creates the fences of a store. In an application <c>AddMillrace</c> does this.</summary>
    public Fences(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
    }

    /// <summary>
    /// Checks and records a token. The method throws an exception if a greater token was used before.
    /// </summary>
    /// <param name="resource">The protected resource; 1 to 256 characters.</param>
    /// <param name="token">The token of the lock: <see cref="HeldLock.Token"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="FencedOffException">A greater token was used before.</exception>
    public async Task Check(string resource, long token, CancellationToken cancellationToken = default) =>
        await Commit(resource, token, new CommitRequest(), cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Checks a token and appends events in one transaction, so that a caller that has lost the lock writes nothing.
    /// </summary>
    /// <param name="resource">The protected resource; 1 to 256 characters.</param>
    /// <param name="token">The token of the lock: <see cref="HeldLock.Token"/>.</param>
    /// <param name="request">The events to append.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="FencedOffException">A greater token was used before.</exception>
    /// <exception cref="MillraceException">Any exception that <see cref="EventStore.Append(AppendRequest,
    /// CancellationToken)"/> throws.</exception>
    public async Task<AppendResult> Append(
        string resource, long token, AppendRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var outcome = await Commit(resource, token, _store.Encode(request), cancellationToken).ConfigureAwait(false);
        return _store.ResultOf(outcome);
    }

    private async Task<CommitOutcome> Commit(
        string resource, long token, CommitRequest request, CancellationToken cancellationToken)
    {
        new LockRequest(resource).Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(token, 1);
        while (true)
        {
            var found = await Find(resource, cancellationToken).ConfigureAwait(false);
            var greatest = found is null ? 0
                // The result is never null, because only this class writes the body.
                : JsonSerializer.Deserialize(found.Body.Span, LockingJson.Default.FenceRecord)!.Token;
            if (greatest > token)
                throw new FencedOffException(resource, token, greatest);
            // The document is also written if the token is already recorded. If another caller records a greater token
            // at the same time, this write then causes a conflict.
            var change = new DocumentChange
            {
                Collection = Name,
                Key = resource,
                FromVersion = found?.Version ?? 0,
                Body = JsonSerializer.SerializeToUtf8Bytes(
                    new FenceRecord { Token = token }, LockingJson.Default.FenceRecord),
            };
            var outcome = await _store
                .TryCommit(With(request, change), isBackground: false, cancellationToken)
                .ConfigureAwait(false);
            if (outcome.Refusal is null)
                return outcome;
            if (outcome.Refusal is not DocumentConflictException { Collection: Name })
                throw outcome.Refusal;
        }
    }

    private async ValueTask<Document?> Find(string resource, CancellationToken cancellationToken)
    {
        if (!_hasCollection)
        {
            await _store.Storage.Documents.EnsureCollection(Collection, cancellationToken).ConfigureAwait(false);
            _hasCollection = true;
        }
        return await _store.Storage.Documents.Get(Name, resource, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the request with the fence added.</summary>
    private static CommitRequest With(CommitRequest request, DocumentChange fence) =>
        request.WithContents(documents: [.. request.Documents, fence]);
}
