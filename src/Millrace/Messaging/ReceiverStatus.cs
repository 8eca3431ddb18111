namespace Millrace.Messaging;

/// <summary>A receiver on this node, since the node started.</summary>
/// <param name="Receiver">The receiver's name.</param>
public sealed record ReceiverStatus(string Receiver)
{
    /// <summary>The number of messages that were skipped (<see cref="UnreadableMessages.Skip"/>).</summary>
    public long Skipped { get; init; }

    /// <summary>Why the last message was skipped; null when none was.</summary>
    public string? LastSkipped { get; init; }

    /// <summary>The number of tombstones that were passed over, as the receiver has no handler for them.</summary>
    public long Tombstones { get; init; }

    /// <summary>Why the receiver has stopped (<see cref="UnreadableMessages.Stop"/>); null while it receives.</summary>
    public string? Stopped { get; init; }
}
