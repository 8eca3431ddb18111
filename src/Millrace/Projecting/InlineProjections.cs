using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Projecting;

/// <summary>Writes the documents of inline projections in the same commits as their events.</summary>
/// <remarks>
/// A document is written only if the document and its stream have not changed after it was folded. Otherwise, both are
/// loaded again. A document therefore always equals its folded stream, even if many nodes append.
/// </remarks>
internal sealed class InlineProjections(IReadOnlyList<InlineProjection> projections) : ICommitHook, IDisposable
{
    private const int MaxAttempts = 50;

    // Appends that conflicted run one after the other. Their retries can then conflict only with other nodes.
    private readonly SemaphoreSlim _retryGate = new(1);

    public bool Concerns(CommitRequest request)
    {
        if (request.Removals.Count > 0)
            return true;
        for (var i = 0; i < request.Appends.Count; i++)
        {
            if (IsConcerned(request.Appends[i]))
                return true;
        }
        return false;
    }

    public async Task<CommitOutcome> Commit(
        CommitRequest request,
        Func<CommitRequest, CancellationToken, Task<CommitOutcome>> commit,
        CancellationToken cancellationToken)
    {
        var (outcome, hasConflict) = await Try(request, commit, assumesNew: true, cancellationToken)
            .ConfigureAwait(false);
        if (!hasConflict)
            return outcome;
        await _retryGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (var attempt = 2; hasConflict && attempt <= MaxAttempts; attempt++)
                (outcome, hasConflict) = await Try(request, commit, assumesNew: false, cancellationToken)
                    .ConfigureAwait(false);
            return outcome;
        }
        finally
        {
            _retryGate.Release();
        }
    }

    public void Dispose() => _retryGate.Dispose();

    private async ValueTask<(CommitOutcome Outcome, bool HasConflict)> Try(
        CommitRequest request, Func<CommitRequest, CancellationToken, Task<CommitOutcome>> commit, bool assumesNew,
        CancellationToken cancellationToken)
    {
        var plan = new InlinePlan(projections, assumesNew);
        var enlisted = await plan.Enlist(request, cancellationToken).ConfigureAwait(false);
        plan.Forget(); // The states are unknown until the commit has succeeded.
        var outcome = await commit(enlisted, cancellationToken).ConfigureAwait(false);
        if (outcome.Result == CommitResult.Committed)
        {
            plan.Remember(outcome);
            if (plan.Correct(request, outcome) is { Count: > 0 } changes)
                await Correct(changes, commit, cancellationToken).ConfigureAwait(false);
        }
        Forget(request.Removals);
        return (outcome, plan.IsStaleRefusal(outcome));
    }

    /// <summary>
    /// Writes documents again that expired between the expected and the recorded time of the events. The events are
    /// committed, so a failure is not a failure of the append; <c>Projections.Check</c> reports the document.
    /// </summary>
    private static async ValueTask Correct(
        IReadOnlyList<DocumentChange> changes,
        Func<CommitRequest, CancellationToken, Task<CommitOutcome>> commit,
        CancellationToken cancellationToken)
    {
        try
        {
            await commit(new CommitRequest { Documents = changes }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MillraceException or OperationCanceledException)
        {
            // The next append to the stream, or a rebuild, follows.
        }
    }

    /// <summary>Drops the states of deleted streams, because later events do not build on them.</summary>
    private void Forget(IReadOnlyList<StreamRemoval> removals)
    {
        for (var i = 0; i < removals.Count; i++)
        {
            foreach (var projection in projections)
                projection.Forget(removals[i].Stream);
        }
    }

    private bool IsConcerned(StreamAppend append)
    {
        foreach (var projection in projections)
        {
            for (var i = 0; i < append.Events.Count; i++)
            {
                if (projection.Wants(append.Events[i].Type))
                    return true;
            }
        }
        return false;
    }
}
