namespace Millrace.Messaging;

/// <summary>The status of a receiver on this node. The numbers start at 0 when the node starts.</summary>
/// <param name="Receiver">The receiver's name.</param>
public sealed record ReceiverStatus(string Receiver)
{
    /// <summary>Gets the number of messages that were skipped (<see cref="UnreadableMessages.Skip"/>).</summary>
    public long Skipped { get; init; }

    /// <summary>Gets the reason why the last message was skipped; null if no message was skipped.</summary>
    public string? LastSkipped { get; init; }

    /// <summary>Gets the number of tombstones that were skipped because the receiver has no handler for them.</summary>
    public long Tombstones { get; init; }

    /// <summary>
    /// Gets the reason why the receiver has stopped (<see cref="UnreadableMessages.Stop"/>); null while it receives.
    /// </summary>
    public string? Stopped { get; init; }

    /// <summary>
    /// Gets the adaptation of the receiver (<see cref="ReceiverBuilder.AdaptLoad"/>); null if its settings are fixed.
    /// The events that wait are here the messages in flight.
    /// </summary>
    public LoadStatus? Load { get; init; }
}
