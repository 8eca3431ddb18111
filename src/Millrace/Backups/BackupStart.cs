namespace Millrace.Backups;

/// <summary>How a writer starts.</summary>
internal readonly record struct BackupStart
{
    /// <summary>Gets whether it starts a new set.</summary>
    public bool IsFull { get; init; }

    /// <summary>Gets whether it continues the backups of the store from which this one was restored.</summary>
    public bool ContinuesRestored { get; init; }

    /// <summary>
    /// Gets the log epoch in which it continues the backups of the store from which this one was restored; null for
    /// none.
    /// </summary>
    public long? ContinuedEpoch { get; init; }

    /// <summary>Gets the maximum size of recorded changes; null for the default.</summary>
    public long? MaxChangeBytes { get; init; }

    /// <summary>Returns true if a restored store continues the backups in an epoch.</summary>
    public bool Continues(long epoch) => ContinuesRestored || ContinuedEpoch == epoch;
}
