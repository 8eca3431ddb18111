namespace Millrace;

/// <summary>The state of the continuous backup of a store, on the node that runs it.</summary>
public sealed record BackupStatus
{
    /// <summary>Gets the id of the store.</summary>
    public required Guid Store { get; init; }

    /// <summary>Gets the description of the place.</summary>
    public required string Place { get; init; }

    /// <summary>Gets the last position that the place contains.</summary>
    public required long Position { get; init; }

    /// <summary>
    /// Gets the last position that can be restored; null if there is none, because no copy of the tables is complete.
    /// It is less than <see cref="Position"/> while changes are missing until the next copy of the tables, such as
    /// after a long failure of the place.
    /// </summary>
    public long? RestorablePosition { get; init; }

    /// <summary>Gets the number of events that are not backed up.</summary>
    public required long WaitingEvents { get; init; }

    /// <summary>
    /// Gets the time at which all events were last backed up. After a loss of the database, later events are lost. Null
    /// if no event waits.
    /// </summary>
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>Gets the time of the first of the failures without a success in between; null for none.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Gets the last of these failures; null for none.</summary>
    public string? Error { get; init; }

    /// <summary>
    /// Gets why the backup is refused, and waits for a decision; <see cref="BackupProblem.Other"/> if it is not.
    /// </summary>
    public BackupProblem Problem { get; init; }

    /// <summary>Gets the time of the last complete copy of the tables since this node started; null for none.</summary>
    public DateTimeOffset? TablesCopiedAt { get; init; }

    /// <summary>
    /// Gets whether the backup needs attention: it has failed for 5 seconds, or events have waited for 30 seconds and
    /// 10 intervals. False if only the removal of old objects failed, which <see cref="Error"/> states.
    /// </summary>
    public bool IsLate { get; init; }
}
