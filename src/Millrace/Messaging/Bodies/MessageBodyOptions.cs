namespace Millrace.Messaging;

/// <summary>
/// Options for bodies that are stored separately. Millrace stores a body separately if it exceeds
/// <see cref="TransportOptions.ClaimCheckAbove"/>. It also stores the body of a message that a receiver cannot handle,
/// if the message is larger than an event. The configuration section <c>Millrace:Messaging:Bodies</c> overrides the
/// application's code.
/// </summary>
public sealed class MessageBodyOptions
{
    /// <summary>
    /// Gets or sets the folder for the bodies. It must exist, on a disk that senders and receivers share. The default
    /// is null. The bodies are then in the database of the event store, which senders and receivers must share.
    /// </summary>
    public string? Folder { get; set; }

    /// <summary>
    /// Gets or sets the time for which a body is kept after it was sent; from 1 hour to 400 days, 14 days by default.
    /// It must exceed the time that a message can wait for its receiver or as a dead letter. Nodes that store bodies
    /// remove them after this time.
    /// </summary>
    public TimeSpan KeptFor { get; set; } = TimeSpan.FromDays(14);

    internal IEnumerable<string> Problems()
    {
        if (Folder is not null && string.IsNullOrWhiteSpace(Folder))
            yield return $"{nameof(Folder)}: must be the path of a folder.";
        if (KeptFor < TimeSpan.FromHours(1) || KeptFor > TimeSpan.FromDays(400))
            yield return $"{nameof(KeptFor)}: must be from 01:00:00 to 400.00:00:00, but is {KeptFor}.";
    }
}
