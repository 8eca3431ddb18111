namespace Millrace.Messaging;

/// <summary>
/// Where the bodies of messages lie that are larger than <see cref="TransportOptions.ClaimCheckAbove"/>, and of
/// received ones that cannot be handled and are larger than an event may be; and for how long. From the configuration
/// section <c>Millrace:Messaging:Bodies</c>, which comes after the application's own code and wins.
/// </summary>
public sealed class MessageBodyOptions
{
    /// <summary>
    /// The folder that they lie in, on a disk that senders and receivers share; it must be there. None by default, and
    /// then they lie in the database of the event store, which sender and receiver must share.
    /// </summary>
    public string? Folder { get; set; }

    /// <summary>
    /// How long a body is kept after it was sent; from 1 hour to 400 days, 14 days by default. Longer than any message
    /// may wait for its receiver or lie as a dead letter: the body of one that comes later is gone. Nodes that put
    /// bodies away remove them.
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
