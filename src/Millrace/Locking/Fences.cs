using System.Text.Json;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// What a lock protects, guarded by its fencing tokens: whoever comes with a token that is less than one seen before
/// has lost the lock, and is refused. Safe to use from several threads.
/// </summary>
/// <remarks>The greatest token of each resource is kept in the store, for good.</remarks>
public sealed class Fences
{
    private const string Name = "fences";
    private static readonly CollectionDefinition Collection = new(Name, []);

    private readonly EventStore _store;
    private volatile bool _isMade;

    /// <summary>Makes those of a store. In an application <c>AddMillrace</c> does this.</summary>
    public Fences(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
    }

    /// <summary>Notes a token, and refuses one that is too old.</summary>
    /// <param name="resource">What is protected; 1 to 256 characters.</param>
    /// <param name="token">The token of the lock: <see cref="HeldLock.Token"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FencedOffException">A greater token was seen.</exception>
    public async Task Pass(string resource, long token, CancellationToken cancellationToken = default) =>
        await Commit(resource, token, new CommitRequest(), cancellationToken).ConfigureAwait(false);

    /// <summary>Appends events, all in one transaction with the look at the token: who has lost the lock writes
    /// nothing.</summary>
    /// <param name="resource">What is protected; 1 to 256 characters.</param>
    /// <param name="token">The token of the lock: <see cref="HeldLock.Token"/>.</param>
    /// <param name="request">What to append.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FencedOffException">A greater token was seen.</exception>
    /// <exception cref="MillraceException">What <see cref="EventStore.Append(AppendRequest, CancellationToken)"/>
    /// throws.</exception>
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
                // As it was written.
                : JsonSerializer.Deserialize(found.Body.Span, LockingJson.Default.FenceRecord)!.Token;
            if (greatest > token)
                throw new FencedOffException(resource, token, greatest);
            // Written also where the token is known: whoever passes meanwhile with a greater one has this refused.
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
        if (!_isMade)
        {
            await _store.Storage.Documents.EnsureCollection(Collection, cancellationToken).ConfigureAwait(false);
            _isMade = true;
        }
        return await _store.Storage.Documents.Get(Name, resource, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A request of an application: events, conditions and claims; with the fence.</summary>
    private static CommitRequest With(CommitRequest request, DocumentChange fence) => new()
    {
        Appends = request.Appends,
        RecordedAt = request.RecordedAt,
        Conditions = request.Conditions,
        Claims = request.Claims,
        Documents = [.. request.Documents, fence],
        Handled = request.Handled,
        Statements = request.Statements,
    };
}
