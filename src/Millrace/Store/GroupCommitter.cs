using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Commits requests that a caller submits together. Each request has its own outcome.</summary>
internal sealed class GroupCommitter(EventStore store, CommitGateway gateway)
{
    /// <summary>
    /// Commits the requests and returns their outcomes. If the caller cancels, the outcomes of the queued requests are
    /// unknown.
    /// </summary>
    public async Task<CommitResponse[]> Commit(
        IReadOnlyList<CommitRequest> requests, CancellationToken cancellationToken)
    {
        // A shared queue and a commit hook accept only single requests.
        var canQueueTogether = !gateway.IsShared;
        for (var i = 0; i < requests.Count && canQueueTogether; i++)
            canQueueTogether = store.Hook?.Concerns(requests[i]) != true;
        return canQueueTogether
            ? await gateway.CommitAll(requests, cancellationToken).ConfigureAwait(false)
            : await Task.WhenAll(requests.Select(request => CommitOne(request, cancellationToken)))
                .ConfigureAwait(false);
    }

    private async Task<CommitResponse> CommitOne(CommitRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var outcome = await store.TryCommit(request, isBackground: false, cancellationToken).ConfigureAwait(false);
            return new CommitResponse(outcome, null);
        }
#pragma warning disable CA1031 // The caller gets the error as the response to this request.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new CommitResponse(null, exception);
        }
    }
}
