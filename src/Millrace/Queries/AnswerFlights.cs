using System.Collections.Concurrent;

namespace Millrace.Queries;

/// <summary>Lets callers that miss the same answer at the same time share one computation. Thread-safe.</summary>
internal sealed class AnswerFlights<T>(TimeProvider time)
    where T : class
{
    private readonly ConcurrentDictionary<string, Task<T?>> _flights = new(StringComparer.Ordinal);

    /// <summary>
    /// Computes an answer, or waits for the computation of another caller. If the other caller fails or is cancelled,
    /// or if its answer is not accepted, one of the waiting callers computes the next answer. Returns null after the
    /// maximum wait.
    /// </summary>
    public async ValueTask<T?> Run(
        string key,
        Func<CancellationToken, ValueTask<T>> compute,
        Func<T, bool> accepts,
        TimeSpan maxWait,
        CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var own = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
            var flight = _flights.GetOrAdd(key, own.Task);
            if (flight == own.Task)
                return await Lead(key, own, compute, cancellationToken).ConfigureAwait(false);
            var remaining = maxWait - time.GetElapsedTime(started);
            if (remaining <= TimeSpan.Zero)
                return null;
            var answer = await WaitFor(flight, remaining, cancellationToken).ConfigureAwait(false);
            if (answer is not null && accepts(answer))
                return answer;
        }
    }

    private async ValueTask<T> Lead(
        string key,
        TaskCompletionSource<T?> own,
        Func<CancellationToken, ValueTask<T>> compute,
        CancellationToken cancellationToken)
    {
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

    private async ValueTask<T?> WaitFor(Task<T?> flight, TimeSpan maxWait, CancellationToken cancellationToken)
    {
        try
        {
            return await flight.WaitAsync(maxWait, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
