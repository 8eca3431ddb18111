namespace Millrace.Storage.Backups;

/// <summary>
/// Records each change of the tables that belong to the log: claims, handled ids, removals and the bounds of streams.
/// A change is recorded in the transaction that makes it. A store that is not backed up records nothing.
/// </summary>
public interface IChangeRecorder
{
    /// <summary>
    /// The maximum number of recorded changes: 1,000,000. If nothing removes them, the storage stops recording, so that
    /// the store does not grow without a limit.
    /// </summary>
    const int MaxChanges = 1_000_000;

    /// <summary>
    /// Gets whether the position of a change is the last position of the request that made it. If false, it is the last
    /// position of the transaction, which can contain several requests.
    /// </summary>
    bool RecordsRequests { get; }

    /// <summary>Starts to record changes.</summary>
    /// <returns>True if all changes since an earlier start are recorded or were removed. False if changes are missing,
    /// because recording starts now, or because the limit was reached. Then earlier records are removed.</returns>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<bool> Start(CancellationToken cancellationToken);

    /// <summary>Stops to record changes, and removes the recorded ones.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask Stop(CancellationToken cancellationToken);

    /// <summary>Reads recorded changes, ordered by number.</summary>
    /// <param name="after">The number of the last change of the previous page; 0 to start.</param>
    /// <param name="limit">The maximum number of changes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<IReadOnlyList<RecordedChange>> Read(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Removes recorded changes that were backed up.</summary>
    /// <param name="changes">The numbers of the changes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask Remove(IReadOnlyList<long> changes, CancellationToken cancellationToken);
}
