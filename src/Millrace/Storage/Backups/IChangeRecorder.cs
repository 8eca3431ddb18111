namespace Millrace.Storage.Backups;

/// <summary>
/// Records each change outside the log that cannot be built from events: of claims, handled ids, removals, the bounds
/// of streams, and documents such as timers, instances of processes and locks. A change is recorded in the transaction
/// that makes it. A store that is not backed up records nothing.
/// </summary>
public interface IChangeRecorder
{
    /// <summary>
    /// The default of the maximum size of recorded changes, in bytes: 1 GiB. If nothing removes them, the storage stops
    /// recording, so that the store does not grow without a limit.
    /// </summary>
    const long DefaultMaxBytes = 1L << 30;

    /// <summary>
    /// The size in bytes that a change counts at least: 1 KiB. So by default, at most 1,048,576 changes are recorded.
    /// </summary>
    const int MinChangeBytes = 1024;

    /// <summary>The size of the changes in bytes after which a page ends: 4 MiB.</summary>
    const int MaxPageBytes = 4 * 1024 * 1024;

    /// <summary>
    /// Gets the collections of the platform that are built again from the log, or have no lasting meaning. Their
    /// changes are not recorded, as those of read models.
    /// </summary>
    static IReadOnlyList<string> OtherCollections { get; } =
        [
            "metric-minutes", "metrics", "query-shapes", "seal-tiles", "services", "snapshots", "view-progress",
            "view-uses", "views",
        ];

    /// <summary>The collection of the platform with large documents that are written once.</summary>
    const string LargeCollection = "message-bodies";

    /// <summary>
    /// Gets whether the position of a change is the last position of the request that made it. If false, it is the last
    /// position of the transaction, which can contain several requests.
    /// </summary>
    bool RecordsRequests { get; }

    /// <summary>
    /// Returns whether changes of a collection's documents are recorded: not those of read models, whose names contain
    /// an at sign, and of <see cref="OtherCollections"/>.
    /// </summary>
    /// <param name="collection">The name, which starts with the tenant and a slash in a store that tenants
    /// share.</param>
    static bool Records(string collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        return !collection.Contains('@', StringComparison.Ordinal)
            && !OtherCollections.Contains(collection[(collection.LastIndexOf('/') + 1)..]);
    }

    /// <summary>
    /// Returns whether only the keys of changed documents are recorded, because the documents are large and are not
    /// changed. They are read with the changes. Other records contain the whole document as of the change.
    /// </summary>
    /// <param name="collection">The name, as for <see cref="Records"/>.</param>
    static bool RecordsKeys(string collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        return collection[(collection.LastIndexOf('/') + 1)..] == LargeCollection;
    }

    /// <summary>Starts to record changes, up to the default size, as the other overload does.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<string?> Start(CancellationToken cancellationToken) => Start(DefaultMaxBytes, cancellationToken);

    /// <summary>Starts to record changes. If the limit was reached, earlier records are removed.</summary>
    /// <returns>The part of the last <see cref="Remove"/>, if all later changes are recorded. Null if changes are
    /// missing, because recording starts now, or because the limit was reached. The result remains null until
    /// <see cref="Remove"/> is called, even after a crash.</returns>
    /// <param name="maxBytes">The approximate maximum size of the recorded changes, also if they are recorded
    /// already.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<string?> Start(long maxBytes, CancellationToken cancellationToken);

    /// <summary>Returns what <see cref="Start(long, CancellationToken)"/> would return, and changes nothing.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<string?> FindLastPart(CancellationToken cancellationToken);

    /// <summary>Stops to record changes, and removes the recorded ones.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask Stop(CancellationToken cancellationToken);

    /// <summary>
    /// Reads recorded changes, ordered by number. A page ends after <see cref="MaxPageBytes"/>, and is empty if there
    /// are no more changes. Null if changes after the previous page are missing, because the limit was reached. Then
    /// <see cref="Start(long, CancellationToken)"/> removes the recorded ones.
    /// </summary>
    /// <param name="after">The number of the last change of the previous page; 0 to start.</param>
    /// <param name="limit">The maximum number of changes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<IReadOnlyList<RecordedChange>?> Read(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Removes recorded changes that were backed up, and notes the part that contains them.</summary>
    /// <param name="changes">The numbers of the changes.</param>
    /// <param name="part">The label of the part; null if more of its changes are removed afterwards.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask Remove(IReadOnlyList<long> changes, string? part, CancellationToken cancellationToken);
}
