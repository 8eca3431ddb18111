using System.Globalization;

namespace Millrace.Cli.CloudEvents;

/// <summary>
/// Sends many appends at once, each of which is refused unless the one before it was written: whatever goes wrong, a
/// beginning stands and nothing behind it.
/// </summary>
/// <remarks>
/// Each append has a time of its own, so that they cannot be one request, and requests of one commit are decided apart
/// from each other. A claim holds them together: an append hands the turn from its own name to that of the next, and
/// can do so only if it has it. A turn that an import left behind when it was killed is taken over by the next.
/// </remarks>
internal sealed class PipelinedAppender(EventStore store)
{
    private const string Scope = "millrace-import";
    private const string SequenceClaim = "turn";

    private readonly string _name = Guid.CreateVersion7().ToString("N");
    private long _names;
    private bool _hasBegun;

    // Who has the turn in the store; null when nobody does.
    private string? _holder;

    /// <summary>Whether an append was refused because another import writes at the same time.</summary>
    public static bool IsChainConflict(Exception problem) => problem is ClaimTakenException { Scope: Scope };

    /// <summary>Sends requests and waits for all of them.</summary>
    /// <returns>
    /// The results of those that stand, from the first on, and why the next does not. A request that was written before
    /// ends the chain without a problem: what is behind it is to be sent again.
    /// </returns>
    public async Task<(IReadOnlyList<AppendResult> Done, Exception? Problem)> Send(
        IReadOnlyList<AppendRequest> requests, CancellationToken cancellationToken)
    {
        if (!_hasBegun)
            _holder = await store.FindClaim(Scope, SequenceClaim, cancellationToken);
        _hasBegun = true;
        var names = new string[requests.Count];
        var appends = new Task<AppendResult>[requests.Count];
        for (var i = 0; i < appends.Length; i++)
        {
            names[i] = string.Create(CultureInfo.InvariantCulture, $"{_name}-{++_names}");
            Link(requests[i], i == 0 ? _holder : names[i - 1], names[i], isLast: i == appends.Length - 1);
            appends[i] = store.Append(requests[i], cancellationToken);
        }
        await ((Task)Task.WhenAll(appends)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await Read(appends, names);
    }

    /// <summary>Gives the turn back, if it is held.</summary>
    public async Task End()
    {
        if (_holder is not { } held)
            return;
        _holder = null;
        // What is over is tidied, whoever has lost patience.
        await store.Append(new AppendRequest().With(Claim.Release(Scope, SequenceClaim, held)), CancellationToken.None);
    }

    private static void Link(AppendRequest request, string? holder, string next, bool isLast)
    {
        if (holder is not null)
            request.With(Claim.Release(Scope, SequenceClaim, holder));
        request.With(Claim.Take(Scope, SequenceClaim, next));
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
                break; // It wrote nothing, and so handed on no turn.
            _holder = i == appends.Length - 1 ? null : names[i];
        }
        return (done, null);
    }
}
