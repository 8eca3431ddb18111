using Millrace.Events;
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
    private const int MaxAttempts = 5;

    private static readonly EventFilter Declarations = new()
    {
        Types = [PlatformEvents.ProtectionDeclared],
        StreamPrefix = ProtectionStartup.Stream.Value,
    };

    private readonly Lock _refresh = new();
    private PlainAppendGuard? _guard;
    private StoredGuard? _stored;

    /// <summary>Gets whether another store commits the requests. It accepts only single requests.</summary>
    public bool IsShared => shared is not null;

    /// <summary>Gets or sets the check of a store without keys; null for no check.</summary>
    public PlainAppendGuard? Guard
    {
        get => Volatile.Read(ref _guard);
        set => Volatile.Write(ref _guard, value);
    }

    /// <summary>
    /// Gets or sets the function that reads the guard after another program declared a scope of claims; null while the
    /// store opens.
    /// </summary>
    public Func<StoredGuard?, CancellationToken, ValueTask<StoredGuard>>? ReadGuard { get; set; }

    public Task<CommitOutcome> Commit(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken)
    {
        unmarked?.Inspect(request);
        return ReadGuard is { } read && NeedsGuard(request)
            ? CommitGuarded(request, read, isBackground, cancellationToken)
            : CommitOne(request, isBackground, cancellationToken);
    }

    /// <summary>Gets or sets the scopes of claims whose values this store hashes.</summary>
    public IReadOnlyDictionary<string, ProtectedScope>? OwnClaims { get; set; }

    /// <summary>Returns the owner of a value.</summary>
    /// <exception cref="ProtectedValueException">The value is stored as a hash that this program cannot
    /// compute.</exception>
    public async ValueTask<string?> FindClaim(
        ILogStorage log, string scope, string value, CancellationToken cancellationToken)
    {
        Guard?.CheckClaim(scope);
        var owner = await log.FindClaim(scope, value, cancellationToken).ConfigureAwait(false);
        if (owner is null && ReadGuard is { } read && OwnClaims?.ContainsKey(scope) != true)
        {
            // If the scope was declared since, the owner has the hash. A later declaration does not matter.
            await Refresh(read, cancellationToken).ConfigureAwait(false);
            Guard?.CheckClaim(scope);
        }
        return owner;
    }

    private static bool NeedsGuard(CommitRequest request) => request.Claims.Count > 0 && !request.IsAsStored;

    /// <summary>
    /// Commits claims on the condition that no scope was declared since the guard was read. Otherwise, reads the guard
    /// again.
    /// </summary>
    private async Task<CommitOutcome> CommitGuarded(
        CommitRequest request,
        Func<StoredGuard?, CancellationToken, ValueTask<StoredGuard>> read,
        bool isBackground,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var outcome = await CommitOne(WithCondition(request), isBackground, cancellationToken)
                .ConfigureAwait(false);
            if (!IsOutdated(outcome.Refusal) || attempt == MaxAttempts)
                return outcome;
            await Refresh(read, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask Refresh(
        Func<StoredGuard?, CancellationToken, ValueTask<StoredGuard>> read,
        CancellationToken cancellationToken)
    {
        var known = Volatile.Read(ref _stored);
        var current = await read(known, cancellationToken).ConfigureAwait(false);
        if (ReferenceEquals(current, known))
            return;
        lock (_refresh)
        {
            if (_stored is { } stored
                && (current.Position < stored.Position || current.SharedPosition < stored.SharedPosition))
                return; // A concurrent call has read a later declaration.
            Guard = current.Guard;
            Volatile.Write(ref _stored, current); // After the guard, which is never older.
        }
    }

    private CommitRequest WithCondition(CommitRequest request) =>
        request.WithContents(
            conditions:
            [
                .. request.Conditions, new AppendCondition(Declarations, Volatile.Read(ref _stored)?.Position ?? 0),
            ]);

    private static bool IsOutdated(Exception? refusal) =>
        refusal is ConditionFailedException { Condition.Filter.Types: [PlatformEvents.ProtectionDeclared] };

    private Task<CommitOutcome> CommitOne(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken) =>
        protector is null && Guard is null && !NeedsGuard(request)
            ? Enqueue(request, isBackground, cancellationToken)
            : ProtectAndEnqueue(request, isBackground, cancellationToken);

    /// <summary>Commits requests that are queued together. Each request has its own outcome.</summary>
    public async Task<CommitResponse[]> CommitAll(
        IReadOnlyList<CommitRequest> requests, CancellationToken cancellationToken)
    {
        for (var i = 0; unmarked is not null && i < requests.Count; i++)
            unmarked.Inspect(requests[i]);
        if (ReadGuard is not { } read || !requests.Any(NeedsGuard))
            return await CommitTogether(requests, cancellationToken).ConfigureAwait(false);
        CommitRequest[] guarded = [.. requests.Select(one => NeedsGuard(one) ? WithCondition(one) : one)];
        var responses = await CommitTogether(guarded, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < responses.Length; i++)
        {
            if (NeedsGuard(requests[i]) && IsOutdated(responses[i].Problem))
                responses[i] = new CommitResponse(
                    await CommitGuarded(requests[i], read, isBackground: false, cancellationToken)
                        .ConfigureAwait(false),
                    null);
        }
        return responses;
    }

    private async Task<CommitResponse[]> CommitTogether(
        IReadOnlyList<CommitRequest> requests, CancellationToken cancellationToken)
    {
        if (protector is null && Guard is null && !requests.Any(NeedsGuard))
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
        if (NeedsGuard(request))
            PlainAppendGuard.RefuseFormOfHash(request.Claims);
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
