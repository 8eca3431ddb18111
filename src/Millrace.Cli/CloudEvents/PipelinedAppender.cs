using System.Globalization;

namespace Millrace.Cli.CloudEvents;

/// <summary>
/// Sends many appends concurrently. The store accepts an append only if it has accepted the previous append. After a
/// failure, the store therefore contains only the appends before the failed append.
/// </summary>
/// <remarks>
/// Each append has its own recorded time, so the appends cannot be one request. The store accepts or rejects each
/// request of a commit independently. Therefore, a claim links the requests. Each append releases the name under which
/// the previous append acquired the claim, and acquires the claim under a new name. It fails if another name still
/// holds the claim. If an import was killed, the next import takes over its claim.
/// </remarks>
internal sealed class PipelinedAppender(EventStore store)
{
    private const string Scope = "millrace-import";
    private const string SequenceClaim = "turn";

    private readonly string _prefix = Guid.CreateVersion7().ToString("N");
    private long _nameCount;
    private bool _hasStarted;

    // The holder of the claim in the store, or null when no append holds the claim.
    private string? _holder;

    /// <summary>Returns true when an append was rejected because another import writes at the same time.</summary>
    public static bool IsChainConflict(Exception problem) => problem is ClaimTakenException { Scope: Scope };

    /// <summary>Sends requests and waits for all of them.</summary>
    /// <returns>
    /// The results of the stored requests in order, and the reason why the next request failed. A request that was
    /// already stored also ends the chain, but without a problem. The caller then sends the later requests again.
    /// </returns>
    public async Task<(IReadOnlyList<AppendResult> Done, Exception? Problem)> Send(
        IReadOnlyList<AppendRequest> requests, CancellationToken cancellationToken)
    {
        if (await Start(cancellationToken) is { } problem)
            return ([], problem);
        var names = new string[requests.Count];
        var appends = new Task<AppendResult>[requests.Count];
        for (var i = 0; i < appends.Length; i++)
        {
            names[i] = NextName();
            var holder = i == 0 ? _holder! : names[i - 1]; // Start acquired the claim.
            Link(requests[i], holder, names[i], isLast: i == appends.Length - 1);
            appends[i] = store.Append(requests[i], cancellationToken);
        }
        await ((Task)Task.WhenAll(appends)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await Read(appends, names);
    }

    /// <summary>Releases the claim if this appender holds it.</summary>
    public async Task End()
    {
        if (_holder is not { } held)
            return;
        _holder = null;
        // The claim is released even after a cancellation.
        await store.Append(new AppendRequest().With(Claim.Release(Scope, SequenceClaim, held)), CancellationToken.None);
    }

    /// <summary>
    /// Acquires the claim before the first append, if it is free. If the first append is then rejected, the claim stays
    /// acquired, and the later appends are rejected too.
    /// </summary>
    private async Task<Exception?> Start(CancellationToken cancellationToken)
    {
        if (!_hasStarted)
            _holder = await store.FindClaim(Scope, SequenceClaim, cancellationToken);
        _hasStarted = true;
        if (_holder is not null)
            return null;
        var name = NextName();
        try
        {
            await store.Append(
                new AppendRequest().With(Claim.Acquire(Scope, SequenceClaim, name)), cancellationToken);
        }
        catch (ClaimTakenException problem)
        {
            return problem;
        }
        _holder = name;
        return null;
    }

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"{_prefix}-{++_nameCount}");

    private static void Link(AppendRequest request, string holder, string next, bool isLast)
    {
        request.With(Claim.Release(Scope, SequenceClaim, holder));
        request.With(Claim.Acquire(Scope, SequenceClaim, next));
        if (isLast)
            request.With(Claim.Release(Scope, SequenceClaim, next));
    }

    private async Task<(IReadOnlyList<AppendResult> Done, Exception? Problem)> Read(
        Task<AppendResult>[] appends, string[] names)
    {
        var done = new List<AppendResult>(appends.Length);
        for (var i = 0; i < appends.Length; i++)
        {
            if (!appends[i].IsCompletedSuccessfully)
                return (done, appends[i].Exception?.InnerException ?? new TaskCanceledException(appends[i]));
            var result = await appends[i];
            done.Add(result);
            if (result.WasRepeated)
                break; // The append wrote nothing, so the next append does not hold the claim.
            _holder = i == appends.Length - 1 ? null : names[i];
        }
        return (done, null);
    }
}
