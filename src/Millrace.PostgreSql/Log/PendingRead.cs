namespace Millrace.PostgreSql;

/// <summary>Something that is waited for, until it is read together with others.</summary>
internal sealed class PendingRead<TQuery, TResult>(TQuery query, CancellationToken cancellationToken)
    : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public TQuery Query { get; } = query;

    /// <summary>Gives up, for whoever waits.</summary>
    public CancellationToken Cancellation { get; } = cancellationToken;

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsDone => Task.IsCompleted || Cancellation.IsCancellationRequested;
}
