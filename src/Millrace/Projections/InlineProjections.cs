using Millrace.Storage;

namespace Millrace;

/// <summary>Writes the documents of inline projections in the commits of their events.</summary>
/// <remarks>
/// A document is written only from the version and the stream version that it was folded from; when another append came
/// between, both are loaded again. So a document equals its stream folded, whoever appends on however many nodes.
/// </remarks>
internal sealed class InlineProjections(IReadOnlyList<InlineProjection> projections) : ICommitHook, IDisposable
{
    private const int MaxAttempts = 50;

    // Appends that were overtaken go one after the other, so that each new attempt meets other nodes at most.
    private readonly SemaphoreSlim _overtaken = new(1);

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
        var (outcome, isOvertaken) = await Try(request, commit, assumesNew: true, cancellationToken)
            .ConfigureAwait(false);
        if (!isOvertaken)
            return outcome;
        await _overtaken.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (var attempt = 2; isOvertaken && attempt <= MaxAttempts; attempt++)
                (outcome, isOvertaken) = await Try(request, commit, assumesNew: false, cancellationToken)
                    .ConfigureAwait(false);
            return outcome;
        }
        finally
        {
            _overtaken.Release();
        }
    }

    public void Dispose() => _overtaken.Dispose();

    private async ValueTask<(CommitOutcome Outcome, bool IsOvertaken)> Try(
        CommitRequest request, Func<CommitRequest, CancellationToken, Task<CommitOutcome>> commit, bool assumesNew,
        CancellationToken cancellationToken)
    {
        var plan = new InlinePlan(projections, assumesNew);
        var whole = await plan.Enlist(request, cancellationToken).ConfigureAwait(false);
        plan.Forget(); // Nothing is known of these streams until the commit has succeeded.
        var outcome = await commit(whole, cancellationToken).ConfigureAwait(false);
        if (outcome.Result == CommitResult.Committed)
            plan.Remember(outcome);
        Forget(request.Removals);
        return (outcome, plan.IsStaleRefusal(outcome));
    }

    /// <summary>What a stream was before it was deleted is no base for what comes after.</summary>
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
