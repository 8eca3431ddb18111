namespace Millrace.Erasing;

/// <summary>Continues erasures or runs of retention that were interrupted. A failure of one does not stop the others.
/// </summary>
internal static class InterruptedWork
{
    /// <summary>Continues each of them, in order.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="resume">Continues one. Returns false if it did not end.</param>
    /// <param name="failure">The message if some fail.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The number of those that ended.</returns>
    /// <exception cref="AggregateException">Some failed. The others were continued.</exception>
    /// <exception cref="LockUnavailableException">Another node is continuing them.</exception>
    public static async Task<int> Continue(
        IReadOnlyList<string> ids,
        Func<string, CancellationToken, Task<bool>> resume,
        string failure,
        CancellationToken cancellationToken)
    {
        var ended = 0;
        List<Exception>? failures = null;
        foreach (var id in ids)
        {
            try
            {
                if (await resume(id, cancellationToken).ConfigureAwait(false))
                    ended++;
            }
#pragma warning disable CA1031 // The others do not depend on this one.
            catch (Exception exception)
                when (exception is not LockUnavailableException && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                (failures ??= []).Add(exception);
            }
        }
        return failures is null ? ended : throw new AggregateException(failure, failures);
    }
}
