using System.Globalization;
using Millrace.Storage;

namespace Millrace.Cli.CloudEvents;

/// <summary>
/// Sends many appends concurrently. The store accepts an append only if it has accepted the previous append. After a
/// failure, the store therefore contains only the appends before the failed append.
/// </summary>
/// <remarks>
/// Each append has its own recorded time, so the appends cannot be one request. The store accepts or rejects each
/// request independently. Therefore, a claim of this import links the requests. An append releases the name under which
/// the previous append acquired the claim, and acquires the claim under a new name. If the previous append was
/// rejected, another name holds the claim, and the append fails. A second claim, which all imports share, excludes
/// other imports: it gets a new name with each batch. If an import was killed, the next import takes over the shared
/// claim.
/// </remarks>
internal sealed class PipelinedAppender(EventStore store)
{
    private const string Scope = "millrace-import";
    private const string SharedClaim = "turn";

    // The value of the claim of this import, and the prefix of the names that hold it.
    private readonly string _import = Guid.CreateVersion7().ToString("N");
    private long _nameCount;

    // The names that hold the two claims, or null when this import holds none.
    private string? _sharedHolder;
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
        if (_holder is null && await Start(cancellationToken) is { } problem)
            return ([], problem);
        var names = new string[requests.Count];
        var appends = new Task<AppendResult>[requests.Count];
        for (var i = 0; i < appends.Length; i++)
        {
            names[i] = NextName();
            var request = PassClaim(requests[i], _import, i == 0 ? _holder : names[i - 1], names[i]);
            if (i == 0)
                PassClaim(request, SharedClaim, _sharedHolder, names[i]);
            appends[i] = store.Append(request, cancellationToken);
        }
        await ((Task)Task.WhenAll(appends)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await ReadResults(appends, names);
    }

    /// <summary>Releases the claims if this import holds them.</summary>
    public async Task End()
    {
        if (_holder is not { } holder || _sharedHolder is not { } sharedHolder)
            return;
        (_holder, _sharedHolder) = (null, null);
        // The claims are released even after a cancellation.
        await store.Append(
            new AppendRequest()
                .With(Claim.Release(Scope, _import, holder))
                .With(Claim.Release(Scope, SharedClaim, sharedHolder)),
            CancellationToken.None);
    }

    /// <summary>
    /// Acquires both claims before the first append. If the first append is then rejected, the claim of this import
    /// stays acquired, and the later appends are rejected too.
    /// </summary>
    /// <returns>Why the claims could not be acquired, or null.</returns>
    private async Task<Exception?> Start(CancellationToken cancellationToken)
    {
        try
        {
            var other = await store.FindClaim(Scope, SharedClaim, cancellationToken);
            var name = NextName();
            var request = PassClaim(PassClaim(new AppendRequest(), _import, null, name), SharedClaim, other, name);
            try
            {
                await store.Append(request, cancellationToken);
            }
            catch (StorageException failure) when (failure.IsInDoubt)
            {
                // The same name may acquire the claims again.
                await store.Append(request, cancellationToken);
            }
            (_holder, _sharedHolder) = (name, name);
            return null;
        }
        catch (MillraceException problem)
        {
            return problem;
        }
    }

    /// <summary>Adds the transfer of a claim from one name to another to a request.</summary>
    private static AppendRequest PassClaim(AppendRequest request, string claim, string? from, string to)
    {
        if (from is not null)
            request.With(Claim.Release(Scope, claim, from));
        return request.With(Claim.Acquire(Scope, claim, to));
    }

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"{_import}-{++_nameCount}");

    private async Task<(IReadOnlyList<AppendResult> Done, Exception? Problem)> ReadResults(
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
            _holder = names[i];
            _sharedHolder = names[0];
        }
        return (done, null);
    }
}
