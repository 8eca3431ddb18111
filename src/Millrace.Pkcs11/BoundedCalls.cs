using System.Diagnostics.CodeAnalysis;
using Millrace.Storage;

namespace Millrace.Pkcs11;

/// <summary>
/// Runs blocking calls one at a time. A caller waits for a limited time, and a call that takes longer keeps the others
/// waiting until it returns.
/// </summary>
/// <param name="timeout">The maximum time of a caller, including the wait for earlier calls.</param>
/// <param name="name">The name of the device, for errors.</param>
[SuppressMessage(
    "Design", "CA1001", Justification = "A background call can still release the semaphore, which has no handle.")]
internal sealed class BoundedCalls(TimeSpan timeout, string name)
{
    private readonly SemaphoreSlim _gate = new(1);

    /// <exception cref="KeyStoreException">The call, or an earlier one, took too long.</exception>
    public async Task<T> Run<T>(Func<T> call, CancellationToken cancellationToken)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        if (!await _gate.WaitAsync(timeout, cancellationToken).ConfigureAwait(false))
            throw TookTooLong(null);
        var running = Task.Run(
            () =>
            {
                try
                {
                    return call();
                }
                finally
                {
                    _gate.Release();
                }
            },
            CancellationToken.None);
        var remaining = timeout - TimeProvider.System.GetElapsedTime(startedAt);
        try
        {
            return await running
                .WaitAsync(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (TimeoutException exception) when (!running.IsCompleted)
        {
            Observe(running);
            throw TookTooLong(exception);
        }
        catch (OperationCanceledException) when (!running.IsCompleted)
        {
            Observe(running);
            throw;
        }
    }

    /// <summary>Runs an action, unless a call is running.</summary>
    public void TryRun(Action action)
    {
        if (!_gate.Wait(0))
            return;
        try
        {
            action();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Reads the error of a call that has no caller any more.</summary>
    private static void Observe(Task running) =>
        running.ContinueWith(
            static call => _ = call.Exception,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

    private KeyStoreException TookTooLong(Exception? inner) =>
        new(
            $"{name} did not answer within {timeout.TotalSeconds:0.###} s. The data keys cannot be unwrapped until it "
                + "does.",
            StorageProblem.Unavailable, inner);
}
