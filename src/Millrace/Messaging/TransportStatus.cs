namespace Millrace.Messaging;

/// <summary>The status of a transport on this node.</summary>
/// <param name="Name">The name of the transport.</param>
/// <param name="System">The kind of broker, such as <c>rabbitmq</c>.</param>
/// <param name="State">The availability of the broker when it was last needed.</param>
/// <param name="Since">The time at which the broker entered this state; null if the application has not used it
/// yet.</param>
/// <param name="Problem">The message of the last error; null if the broker is not unavailable.</param>
public sealed record TransportStatus(
    string Name, string System, TransportState State, DateTimeOffset? Since, string? Problem)
{
    /// <summary>
    /// Gets the messages that wait at the broker for a retry, by receiver. The list contains only active receivers of
    /// this node that keep retries at the broker (<see cref="ReceiverBuilder.RetryAtBroker"/>), or that handle earlier
    /// retries.
    /// </summary>
    public IReadOnlyList<RetryQueueStatus> Retries { get; init; } = [];

    /// <summary>
    /// Gets the receivers of the application on this transport, with the number of messages that each has skipped.
    /// </summary>
    public IReadOnlyList<ReceiverStatus> Receivers { get; init; } = [];
}
