namespace Millrace;

/// <summary>Options of a backup by command.</summary>
public sealed record StoreBackupOptions
{
    /// <summary>
    /// Gets whether all events are written to a new set; false, the default, to continue the last set, if there is one.
    /// </summary>
    public bool IsFull { get; init; }

    /// <summary>
    /// Gets whether the backups of the store from which this one was restored are continued; false by default, so that
    /// a test does not replace the backups of a store that is in use. It is needed once after a restore. Afterwards,
    /// the backup of the former store is refused.
    /// </summary>
    public bool ContinuesRestored { get; init; }

    /// <summary>
    /// Gets how long old copies of the tables, and earlier sets, are kept, from 1 hour to 36500 days; null, the
    /// default, to keep all. As for the continuous backup (<see cref="BackupOptions.Retention"/>), the log of the set
    /// is kept longer, without the events that were removed from the store before the oldest copy. Refused if the place
    /// contains a continuous backup of the store's log epoch, which has its own retention.
    /// </summary>
    public TimeSpan? Retention { get; init; }
}
