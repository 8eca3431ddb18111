using System.Collections.Concurrent;

namespace Millrace.Queries;

/// <summary>Lets callers that miss the same answer at the same time share one computation. Thread-safe.</summary>
internal sealed class AnswerFlights<T>(TimeProvider time)
    where T : class
{
    // Longer than most handlers take. It also ends the wait of a handler that asks its own query.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Task<T?>> _flights = new(StringComparer.Ordinal);

    /// <summary>
    /// Computes an answer, or waits for the computation of another caller. Returns null if the other caller failed,
    /// was cancelled or takes long.
    /// </summary>
    public async ValueTask<T?> Run(
        string key, Func<CancellationToken, ValueTask<T>> compute, CancellationToken cancellationToken)
    {
        var own = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flight = _flights.GetOrAdd(key, own.Task);
        if (flight != own.Task)
            return await WaitFor(flight, cancellationToken).ConfigureAwait(false);
        T? answer = null;
        try
        {
            return answer = await compute(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _flights.TryRemove(new KeyValuePair<string, Task<T?>>(key, own.Task));
            own.TrySetResult(answer); // Others must not fail with this caller's error or cancellation.
        }
    }
    private async ValueTask<T?> WaitFor(Task<T?> flight, CancellationToken cancellationToken)
    {
        try
        {
            return await flight.WaitAsync(MaxWait, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
