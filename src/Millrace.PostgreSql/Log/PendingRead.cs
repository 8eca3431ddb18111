namespace Millrace.PostgreSql.Log;

/// <summary>A read that waits until it is executed together with others.</summary>
internal sealed class PendingRead<TQuery, TResult>(TQuery query, CancellationToken cancellationToken)
    : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public TQuery Query { get; } = query;

    /// <summary>Cancels the caller's wait.</summary>
    public CancellationToken Cancellation { get; } = cancellationToken;

    /// <summary>Gets whether no caller waits for the result any more.</summary>
    public bool IsDone => Task.IsCompleted || Cancellation.IsCancellationRequested;
}
