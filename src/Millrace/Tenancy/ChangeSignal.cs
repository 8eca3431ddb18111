namespace Millrace.Tenancy;

/// <summary>Wakes all callers that wait for a change. Thread-safe.</summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _next = Create();

    /// <summary>Gets a task that completes at the next change.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Wakes the callers that wait.</summary>
    public void Notify() => Interlocked.Exchange(ref _next, Create()).TrySetResult();

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
