using Millrace.Auditing;

namespace Millrace;

/// <summary>
/// An entry of the audit trail: an action of a user, with its result. An entry contains names of streams, commands and
/// routes, and never values of commands or events.
/// </summary>
/// <param name="Action">The action, such as <c>command.place-order</c> or <c>access.grant</c>; 1 to 200 characters. Use
/// a name from the code, not a text from a user.</param>
/// <param name="Resource">The stream or the name to which the action applies; 1 to 600 characters.</param>
/// <param name="Result">The result.</param>
public sealed record AuditEntry(string Action, string Resource, AuditResult Result)
{
    /// <summary>Gets the id of the user; null if there is no user. At most 256 characters are stored.</summary>
    public string? User { get; init; }

    /// <summary>
    /// Gets the reason, such as the missing permission or the type of an error; null for no reason. At most 1,000
    /// characters are stored.
    /// </summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Gets the place from which the request came; null if it is unknown. At most 64 characters of the address and 512
    /// of the user agent are stored.
    /// </summary>
    public AuditOrigin? Origin { get; init; }

    /// <summary>Gets the id of the conversation; null if there is none.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>
    /// Gets the changed settings, for the action <c>configuration.changed</c>; otherwise empty. At most 500 characters
    /// of each name and value are stored.
    /// </summary>
    public IReadOnlyList<AuditChange> Changes { get; init; } = [];

    /// <summary>
    /// Gets the time when the entry was recorded, in UTC. The store sets this value when the entry is read.
    /// </summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>
    /// Gets the position of the entry in the log. The store sets this value when the entry is read.
    /// </summary>
    public long Position { get; init; }

    /// <summary>Returns the entry in an event of the log; null if the event is not an entry.</summary>
    public static AuditEntry? From(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        return AuditJson.TryRead(recorded);
    }
}
