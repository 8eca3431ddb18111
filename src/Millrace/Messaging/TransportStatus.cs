namespace Millrace.Messaging;

/// <summary>How a transport is, on this node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="System">The kind of broker, such as <c>rabbitmq</c>.</param>
/// <param name="State">Whether the broker could be reached when it was last needed.</param>
/// <param name="Since">Since when that is so; null when it was not needed yet.</param>
/// <param name="Problem">What the failure said with which it went away; null when nothing is wrong.</param>
public sealed record TransportStatus(
    string Name, string System, TransportState State, DateTimeOffset? Since, string? Problem)
{
    /// <summary>
    /// What waits at the broker to be tried again, by receiver; only of receivers that work on this node and keep it
    /// there (<see cref="ReceiverBuilder.RetryAtBroker"/>), or handle what was kept there before.
    /// </summary>
    public IReadOnlyList<RetryQueueStatus> Retries { get; init; } = [];

    /// <summary>The receivers of the application over this transport, with what each has passed over.</summary>
    public IReadOnlyList<ReceiverStatus> Receivers { get; init; } = [];
}
