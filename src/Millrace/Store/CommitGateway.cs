using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Passes commit requests to the queue of this store, or of the store that owns the shared log, after their marked
/// values are encrypted. No commit bypasses this class.
/// </summary>
/// <param name="queue">The queue of this store.</param>
/// <param name="shared">The queue of the store that owns a shared log; null for none.</param>
/// <param name="protector">The encryption; null without keys.</param>
/// <param name="unmarked">The report of unmarked members; null for none.</param>
internal sealed class CommitGateway(
    CommitQueue queue, ISharedCommitQueue? shared, CommitProtector? protector, UnmarkedMembers? unmarked)
{
    /// <summary>Gets whether another store commits the requests. It accepts only single requests.</summary>
    public bool IsShared => shared is not null;

    /// <summary>Gets or sets the check of a store without keys; null for no check.</summary>
    public PlainAppendGuard? Guard { get; set; }

    public Task<CommitOutcome> Commit(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken)
    {
        unmarked?.Inspect(request);
        return protector is null && Guard is null
            ? Enqueue(request, isBackground, cancellationToken)
            : ProtectAndEnqueue(request, isBackground, cancellationToken);
    }

    /// <summary>Commits requests that are queued together. Each request has its own outcome.</summary>
    public async Task<CommitResponse[]> CommitAll(
        IReadOnlyList<CommitRequest> requests, CancellationToken cancellationToken)
    {
        for (var i = 0; unmarked is not null && i < requests.Count; i++)
            unmarked.Inspect(requests[i]);
        if (protector is null && Guard is null)
            return await queue.CommitAll(requests, isBackground: false, cancellationToken).ConfigureAwait(false);
        var responses = new CommitResponse[requests.Count];
        var accepted = new List<CommitRequest>(requests.Count);
        var indexes = new List<int>(requests.Count);
        for (var i = 0; i < responses.Length; i++)
        {
            try
            {
                accepted.Add(await Protect(requests[i], cancellationToken).ConfigureAwait(false));
                indexes.Add(i);
            }
            catch (MillraceException refusal)
            {
                responses[i] = new CommitResponse(null, refusal);
            }
        }
        if (accepted.Count == 0)
            return responses;
        var outcomes = await queue.CommitAll(accepted, isBackground: false, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < outcomes.Length; i++)
            responses[indexes[i]] = outcomes[i];
        return responses;
    }

    private async Task<CommitOutcome> ProtectAndEnqueue(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken)
    {
        CommitRequest protectedRequest;
        try
        {
            protectedRequest = await Protect(request, cancellationToken).ConfigureAwait(false);
        }
        catch (MillraceException refusal)
            when (refusal is ProtectedValueException or SubjectErasedException or LimitExceededException)
        {
            return CommitOutcome.Refused(refusal);
        }
        return await Enqueue(protectedRequest, isBackground, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<CommitRequest> Protect(CommitRequest request, CancellationToken cancellationToken)
    {
        Guard?.Check(request);
        return protector is null || request.IsAsStored
            ? new ValueTask<CommitRequest>(request)
            : protector.Protect(request, cancellationToken);
    }

    private Task<CommitOutcome> Enqueue(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken) =>
        shared is null
            ? queue.Commit(request, isBackground, cancellationToken)
            : shared.Commit(request, isBackground, cancellationToken);
}
