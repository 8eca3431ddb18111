using System.Globalization;

namespace Millrace.Recovering;

/// <summary>
/// Runs actions within a time limit, one at a time. An action that ignores its cancellation is remembered.
/// </summary>
internal sealed class ActionRunner(TimeProvider time)
{
    /// <summary>The time that a cancelled action has to end.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private (string Action, Task Task)? _last;

    /// <summary>Gets the name of the action that still runs on this node after its end; null for none.</summary>
    public string? Running => _last is { Task.IsCompleted: false } last ? last.Action : null;

    /// <summary>Runs an action. Its errors are part of the outcome.</summary>
    /// <param name="action">The action.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="timeout">The maximum duration.</param>
    /// <param name="lost">Cancelled when this node has lost the right to act.</param>
    /// <param name="stopping">Cancelled when this node stops.</param>
    /// <exception cref="OperationCanceledException">This node stops. The next node records that.</exception>
    public async Task<ActionOutcome> Run(
        IRecoveryAction action,
        RecoveryAttempt attempt,
        TimeSpan timeout,
        CancellationToken lost,
        CancellationToken stopping)
    {
        var startedAt = time.GetTimestamp();
        using var limit = new CancellationTokenSource(timeout, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, lost, stopping);
        var running = Task.Run(() => action.Run(attempt, any.Token), CancellationToken.None);
        _last = (action.Name, running);
        await running.WaitAsync(any.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!running.IsCompleted)
            await running.WaitAsync(Grace, time, CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var duration = time.GetElapsedTime(startedAt);
        if (running.IsCompletedSuccessfully)
            return new ActionOutcome(null, duration);
        stopping.ThrowIfCancellationRequested();
        if (!running.IsCompleted)
            return new ActionOutcome("The action ignores its cancellation.", duration, Hangs: true);
        if (running.Exception?.InnerException is { } exception and not OperationCanceledException)
            return new ActionOutcome($"{exception.GetType().Name}: {exception.Message}", duration);
        var error = lost.IsCancellationRequested
            ? "This node lost the right to act during the action."
            : string.Create(
                CultureInfo.InvariantCulture, $"The action did not end within {timeout.TotalSeconds:0.#} s.");
        return new ActionOutcome(error, duration);
    }
}

/// <summary>How an action ended.</summary>
/// <param name="Error">The error; null for none.</param>
/// <param name="Duration">The duration.</param>
/// <param name="Hangs">Whether the action still runs.</param>
internal sealed record ActionOutcome(string? Error, TimeSpan Duration, bool Hangs = false);
