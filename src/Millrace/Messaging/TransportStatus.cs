namespace Millrace.Messaging;

/// <summary>The status of a transport on this node.</summary>
/// <param name="Name">The name of the transport.</param>
/// <param name="System">The kind of broker, such as <c>rabbitmq</c>.</param>
/// <param name="State">The availability of the broker when it was last needed.</param>
/// <param name="Since">The time at which it entered this state; null if it was not used yet.</param>
/// <param name="Problem">The message of the error that made it unavailable; null if there is none.</param>
public sealed record TransportStatus(
    string Name, string System, TransportState State, DateTimeOffset? Since, string? Problem)
{
    /// <summary>
    /// Gets the messages that wait at the broker for a retry, by receiver. Only includes active receivers of this node
    /// that keep retries there (<see cref="ReceiverBuilder.RetryAtBroker"/>), or that handle earlier ones.
    /// </summary>
    public IReadOnlyList<RetryQueueStatus> Retries { get; init; } = [];

    /// <summary>
    /// Gets the receivers of the application on this transport, with the messages that each has skipped.
    /// </summary>
    public IReadOnlyList<ReceiverStatus> Receivers { get; init; } = [];
}
