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

    /// <summary>Starts to record changes. If the limit was reached, earlier records are removed.</summary>
    /// <returns>The part of the last <see cref="Remove"/>, if all later changes are recorded. Null if changes are
    /// missing, because recording starts now, or because the limit was reached. The result remains null until
    /// <see cref="Remove"/> is called, even after a crash.</returns>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<string?> Start(CancellationToken cancellationToken);

    /// <summary>Returns what <see cref="Start"/> would return, and changes nothing.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<string?> FindLastPart(CancellationToken cancellationToken);

    /// <summary>Stops to record changes, and removes the recorded ones.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask Stop(CancellationToken cancellationToken);

    /// <summary>Reads recorded changes, ordered by number.</summary>
    /// <param name="after">The number of the last change of the previous page; 0 to start.</param>
    /// <param name="limit">The maximum number of changes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<IReadOnlyList<RecordedChange>> Read(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Removes recorded changes that were backed up, and notes the part that contains them.</summary>
    /// <param name="changes">The numbers of the changes.</param>
    /// <param name="part">The label of the part; null if more of its changes are removed afterwards.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask Remove(IReadOnlyList<long> changes, string? part, CancellationToken cancellationToken);
}
