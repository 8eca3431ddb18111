using Millrace.Archiving;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Objects;

namespace Millrace;

/// <summary>
/// Moves contents of events from a store to an archive in object storage, and back. Readers of a store with the archive
/// read archived events as before, but slower. Thread-safe.
/// </summary>
/// <remarks>
/// The store keeps the ids, streams, versions, positions, types, times and tags of archived events, so that appends,
/// conditions, filters and counts do not need the archive.
/// </remarks>
public sealed class StoreArchive
{
    private readonly EventStore _store;
    private readonly ArchiveOptions _options;
    private readonly IStorage _inner;
    private readonly ArchiveCommits _commits;
    private readonly SegmentStorage _segments;
    private readonly ArchiveMonitor? _monitor;

    /// <summary>Creates the archive of a store.</summary>
    /// <param name="store">The open store. If tenants share a store, the store of all tenants.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">Options are out of range, or the store belongs to one of several tenants
    /// that share a store.</exception>
    public StoreArchive(EventStore store, ArchiveOptions options)
        : this(store, options, monitor: null)
    {
    }

    internal StoreArchive(EventStore store, ArchiveOptions options, ArchiveMonitor? monitor)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Checked();
        (_store, _monitor) = (store, monitor);
        _inner = store.Stored.Primary is ArchivedStorage archived
            ? archived.Inner
            : throw new ArgumentException("Tenants share the store. Archive the store of all tenants.", nameof(store));
        _commits = new ArchiveCommits(store, _inner, _options);
        // Other programs read the files, possibly as other users. Both options are checked.
        var place = _options.Place is DirectoryObjectStorage directory ? directory.ForOtherReaders() : _options.Place!;
        _segments = new SegmentStorage(_options.Format!, place);
    }

    /// <summary>Returns the place of a store's archive; null if the store has none.</summary>
    /// <param name="store">The open store.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async Task<ArchivePlace?> FindPlace(
        EventStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var index = new ArchiveIndex(store.Storage.Documents);
        return await index.FindHeader(cancellationToken).ConfigureAwait(false) is { } header
            ? new ArchivePlace(header.Place, header.Address)
            : null;
    }

    /// <summary>Archives the events of streams.</summary>
    /// <param name="selection">The streams.</param>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation. Complete segments remain archived.</param>
    /// <exception cref="ArchiveException">Another run is in progress, the archive of the store is in another place, or
    /// a segment differs when it is read back.</exception>
    /// <exception cref="ObjectStorageException">The place cannot be used.</exception>
    public async Task<ArchiveReport> Run(
        ArchiveSelection selection,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(selection);
        selection.Check();
        if (selection.IsDryRun)
            return await ReadAll(selection, progress, cancellationToken).ConfigureAwait(false);
        var held = await ArchiveLock.TryAcquire(_store, cancellationToken).ConfigureAwait(false)
            ?? throw new ArchiveException(
                $"Another run archives {_inner.Description} at this moment. Wait until it has ended: two runs would "
                    + "write the same events twice.");
        await using (held.ConfigureAwait(false))
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
            try
            {
                return await ReadAll(selection, progress, stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new ArchiveException(
                    $"The run lost the lock '{ArchiveLock.Name}' of {_inner.Description}. Complete segments remain "
                        + "archived. Run the archive again.");
            }
        }
    }

    /// <summary>
    /// Archives the events of streams, and continues where the last scheduled run ended. The caller has the lock.
    /// </summary>
    /// <param name="selection">The streams.</param>
    /// <param name="written">Receives each segment after its commit, without the number of streams.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    internal Task<ArchiveReport> RunScheduled(
        ArchiveSelection selection, Action<ArchiveReport> written, CancellationToken cancellationToken)
    {
        return Observe(
            new ScheduledArchiveRun(_inner, _commits, header => NewBuffer(header, selection, Note))
                .Run(selection, cancellationToken),
            cancellationToken);

        void Note(ArchiveReport segment)
        {
            _monitor?.Archived(segment);
            written(segment);
        }
    }

    /// <summary>Archives the events of streams. The caller has the lock, except for a dry run.</summary>
    private Task<ArchiveReport> ReadAll(
        ArchiveSelection selection, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        return Observe(Run(), cancellationToken);

        async Task<ArchiveReport> Run()
        {
            var header = selection.IsDryRun
                ? null
                : await _commits.GetHeader(cancellationToken).ConfigureAwait(false);
            var end = (await _inner.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
            var selector = new StreamSelector(_inner.Log, _commits.Index, selection);
            var buffer = NewBuffer(header, selection, segment => _monitor?.Archived(segment));
            await new ArchiveRun(_inner.Log, selection, selector, buffer)
                .Run(end, progress, cancellationToken)
                .ConfigureAwait(false);
            return buffer.Report with { Streams = selector.Included };
        }
    }

    private SegmentBuffer NewBuffer(
        ArchiveHeader? header, ArchiveSelection selection, Action<ArchiveReport> written) =>
        new(header, selection.By, _options, _commits, _segments, written);

    private async Task<ArchiveReport> Observe(Task<ArchiveReport> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run.ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _monitor?.Failed(exception);
            throw;
        }
    }

    /// <summary>Returns the last scheduled run of any node; null if there is none.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<ArchiveScheduledRun?> FindLastRun(CancellationToken cancellationToken = default) =>
        await _commits.Index.FindScheduledRun(cancellationToken).ConfigureAwait(false);

    /// <summary>Records a scheduled run instead of the last one.</summary>
    internal async Task Record(ArchiveScheduledRun run, CancellationToken cancellationToken)
    {
        await _inner.Documents.EnsureCollection(ArchiveIndex.Definition, cancellationToken).ConfigureAwait(false);
        if (await _commits.Commit([ArchiveIndex.Put(run)], [], cancellationToken).ConfigureAwait(false) is { } refusal)
            throw refusal;
    }

    /// <summary>Lists the segments in the order of their numbers.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public IAsyncEnumerable<ArchiveSegment> List(CancellationToken cancellationToken = default) =>
        _commits.Index.ListAll(cancellationToken);

    /// <summary>Reads all segments, and checks that each archived event is in its segment.</summary>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<ArchiveCheckReport> Check(
        IProgress<MaintenanceProgress>? progress = null, CancellationToken cancellationToken = default) =>
        await _commits.Index.Exists(cancellationToken).ConfigureAwait(false)
            ? await new ArchiveVerification(_inner, _commits.Index, _segments, _options.CacheBytes)
                .Run(progress, cancellationToken)
                .ConfigureAwait(false)
            : new ArchiveCheckReport(0, 0, 0, [], []);

    /// <summary>
    /// Moves the archived events of a stream back to the store, also if it was deleted or closed. Their segments stay.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="by">The name of the user, recorded in the store; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation. Events that were restored remain in the store.</param>
    /// <returns>The number of events.</returns>
    /// <exception cref="StreamNotFoundException">The stream never existed.</exception>
    /// <exception cref="ArchiveException">A segment is missing or damaged, or the store is being moved.</exception>
    public async Task<long> Restore(
        StreamId stream, string? by = null, CancellationToken cancellationToken = default) =>
        await _commits.Index.Exists(cancellationToken).ConfigureAwait(false)
            ? await Restorer().Restore(stream, by, cancellationToken).ConfigureAwait(false)
            : 0;

    /// <summary>
    /// Moves all archived events back to the store, so that applications can open it without the archive. The segments
    /// stay, because backups and copies of the store can refer to them.
    /// </summary>
    /// <param name="by">The name of the user, recorded in the store; may be null.</param>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation. Events that were restored remain in the store.</param>
    /// <returns>The number of events.</returns>
    /// <exception cref="ArchiveException">A segment is missing or damaged, or the store is being moved.</exception>
    public async Task<long> RestoreAll(
        string? by = null,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        await _commits.Index.Exists(cancellationToken).ConfigureAwait(false)
            ? await Restorer().RestoreAll(by, progress, cancellationToken).ConfigureAwait(false)
            : 0;

    private StreamRestorer Restorer()
    {
        var access = new ArchiveAccess(_options.Format!, _ => _options.Place!, _options.CacheBytes);
        return new StreamRestorer(_store, _inner, new ArchiveContents(_inner, access), _commits);
    }
}
