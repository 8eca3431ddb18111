using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>A page of a stream that is waited for, until it is read together with others.</summary>
internal sealed class PendingRead(StreamPageQuery query, CancellationToken cancellationToken)
    : TaskCompletionSource<EventPage>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public StreamPageQuery Query { get; } = query;

    /// <summary>Gives up, for whoever waits.</summary>
    public CancellationToken Cancellation { get; } = cancellationToken;

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsDone => Task.IsCompleted || Cancellation.IsCancellationRequested;
}
