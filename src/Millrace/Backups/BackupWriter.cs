using Millrace.Backups.Format;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;

namespace Millrace.Backups;

/// <summary>
/// Backs up one store: table copies with the rows of tables, and parts with new events and recorded changes. The
/// objects in the place determine where it continues, so a killed writer loses nothing. Not thread-safe.
/// </summary>
internal sealed class BackupWriter
{
    /// <summary>The number of bytes of events and changes after which a part is complete.</summary>
    public const int PartBytes = 8 * 1024 * 1024;

    private const int PageEvents = 5_000;
    private const int PageChanges = 10_000;
    private const int RemovedChanges = 1_000;

    private readonly IMovableStorage _storage;
    private readonly IChangeRecorder? _recorder;
    private readonly BackupPlace _place;
    private readonly TimeProvider _time;
    private readonly ContentWriter _events = new();
    private readonly ContentWriter _changes = new();
    private MoveHeader _header;
    private BackupContents _contents;
    private bool _followsGap;
    private bool _hasCopyAfterGap;
    private long _maxCopyNumber = long.MaxValue;

    private BackupWriter(
        IMovableStorage storage,
        IChangeRecorder? recorder,
        BackupPlace place,
        TimeProvider time,
        MoveHeader header,
        BackupContents contents) =>
        (_storage, _recorder, _place, _time, _header, _contents) = (storage, recorder, place, time, header, contents);

    /// <summary>Gets the last position that the place contains.</summary>
    public long Position { get; private set; }

    /// <summary>Gets the set of this store and epoch.</summary>
    public BackupContents Contents => _contents;

    /// <summary>Gets whether a table copy must be written before the next part.</summary>
    public bool NeedsCopy =>
        (_followsGap && !_hasCopyAfterGap) || _contents.Copies.Count == 0 || _contents.HasOpenGap;

    /// <summary>Gets whether changes before the next part are missing.</summary>
    public bool FollowsGap => _followsGap;

    /// <summary>Gets whether a merge is worthwhile.</summary>
    public bool HasManyParts => _contents.Log.Count(static part => part.IsPart) >= BackupMerger.MinParts;

    /// <summary>Gets the time of the last table copy; null if there is none.</summary>
    public DateTimeOffset? LastCopyAt => _contents.Copies.Count == 0
        ? null
        : DateTimeOffset.FromUnixTimeMilliseconds(_contents.Copies[^1].Time);

    /// <summary>Finds the set of the store's epoch and its last position.</summary>
    /// <param name="storage">The store.</param>
    /// <param name="recorder">Records changes; null if each run writes a table copy instead.</param>
    /// <param name="objects">The place.</param>
    /// <param name="passphrase">Encrypts the objects; null for no encryption.</param>
    /// <param name="isFull">True to begin a new set.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="BackupException">The set is not of this store, or is encrypted with another
    /// passphrase.</exception>
    public static async Task<BackupWriter> Open(
        IMovableStorage storage,
        IChangeRecorder? recorder,
        IObjectStorage objects,
        string? passphrase,
        bool isFull,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var header = await ReadHeader(storage, cancellationToken).ConfigureAwait(false);
        var place = new BackupPlace(objects, passphrase, header.StoreId);
        var sets = await place.List(cancellationToken).ConfigureAwait(false);
        var last = sets.LastOrDefault(set => set.Id.Epoch == header.Epoch);
        if (sets.LastOrDefault(set => set.Id.Epoch > header.Epoch) is { } later)
            throw new BackupException(
                $"{place.Description} contains backups of log epoch {later.Id.Epoch} of this store, but the store has "
                    + $"epoch {header.Epoch}: it is an earlier copy. Back up the store that is in use, or use another "
                    + "place.");
        var contents = last is null || isFull
            ? new BackupContents(new BackupSetId(header.StoreId, header.Epoch, (last?.Id.Generation ?? 0) + 1))
            : last;
        var writer = new BackupWriter(storage, recorder, place, time, header, contents);
        await writer.Start(cancellationToken).ConfigureAwait(false);
        return writer;
    }

    /// <summary>Copies the rows of all tables, as of one moment. Returns the position that they reflect.</summary>
    public async Task<long> CopyTables(CancellationToken cancellationToken)
    {
        var copy = await StartCopy(cancellationToken).ConfigureAwait(false);
        await using var _ = copy.ConfigureAwait(false);
        Add(await copy.Write(cancellationToken).ConfigureAwait(false));
        return copy.Position;
    }

    /// <summary>
    /// Starts a copy of all tables as of now. No part is being written, so that all later changes are in this part and
    /// the following ones. Parts can be written while the copy is.
    /// </summary>
    public async Task<TableCopyWriter> StartCopy(CancellationToken cancellationToken)
    {
        var session = await _storage.Moves.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        try
        {
            var header = await session.GetHeader(cancellationToken).ConfigureAwait(false);
            ThrowIfOtherEpoch(header);
            var name = TableCopyName.Create(
                _contents.Id.Folder,
                Math.Min(_contents.NextNumber, _maxCopyNumber),
                header.LastPosition,
                _time.GetUtcNow().ToUnixTimeMilliseconds());
            return new TableCopyWriter(_place, session, header, name);
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Adds a table copy that is complete.</summary>
    public void Add(StoredObject copy)
    {
        _contents.Add(copy);
        _contents.Order();
        _hasCopyAfterGap = true;
    }

    /// <summary>Writes a part with the next events and all recorded changes, if there are any.</summary>
    /// <param name="upTo">The last position to write.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>True if there are more events.</returns>
    public async Task<bool> WritePart(long upTo, CancellationToken cancellationToken)
    {
        _events.Clear();
        _changes.Clear();
        var (last, lastTime, count) = await ReadEvents(upTo, cancellationToken).ConfigureAwait(false);
        var changes = await ReadChanges(cancellationToken).ConfigureAwait(false);
        if (last == Position && changes.Numbers.Count == 0)
            return false;
        var number = _contents.NextNumber;
        var name = new LogObjectName(
            number, number, Position + 1, last, TimeOf(lastTime), changes.HasRemovals, _followsGap, "", 0)
            .Create(_contents.Id.Folder);
        var info = new BackupInfo
        {
            Kind = "log",
            Store = _header.StoreId,
            Epoch = _header.Epoch,
            First = Position + 1,
            Last = last,
            Count = count,
            Changes = changes.Numbers.Count,
            HasAllChanges = changes.AreAll,
            FollowsGap = _followsGap,
            RecordsRequests = _recorder?.RecordsRequests ?? false,
        };
        var size = await _place
            .Put(name, info, LogContent.Of(_events, _changes), cancellationToken)
            .ConfigureAwait(false);
        _contents.Add(new StoredObject(name, size));
        _contents.Order();
        (_followsGap, Position) = (false, last);
        await RemoveChanges(changes.Numbers, LogObjectName.Parse(name, size)!.Label, cancellationToken)
            .ConfigureAwait(false);
        return last < Math.Min(upTo, _header.LastPosition);
    }

    /// <summary>Joins small parts to segments, and removes parts that a segment replaces.</summary>
    public async Task Merge(CancellationToken cancellationToken)
    {
        var contents = await Relist(cancellationToken).ConfigureAwait(false);
        _contents = await new BackupMerger(_place, contents).Run(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads events until a part is full.</summary>
    private async Task<(long Last, long LastTime, long Count)> ReadEvents(
        long upTo, CancellationToken cancellationToken)
    {
        var (last, lastTime, count) = (Position, 0L, 0L);
        var session = await _storage.Moves.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        _header = await session.GetHeader(cancellationToken).ConfigureAwait(false);
        ThrowIfOtherEpoch(_header);
        var end = Math.Min(upTo, _header.LastPosition);
        while (last < end && _events.Length < PartBytes)
        {
            var page = await session.ReadEvents(last + 1, end, PageEvents, cancellationToken).ConfigureAwait(false);
            if (page.Count == 0)
                return (end, lastTime, count); // The last events were removed.
            foreach (var recorded in page)
                EventCoder.Write(_events, recorded);
            count += page.Count;
            (last, lastTime) = (page[^1].Position, page[^1].Timestamp.ToUnixTimeMilliseconds());
        }
        return (last, lastTime, count);
    }

    /// <summary>
    /// Removes what no restore as of a time after <paramref name="cutoff"/> needs: all table copies before the last one
    /// of that time, and the sets that were complete then.
    /// </summary>
    public async Task RemoveOld(DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        var sets = await _place.List(cancellationToken).ConfigureAwait(false);
        await new BackupCleaner(_place, sets).Run(cutoff, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        _contents = await Relist(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<MoveHeader> ReadHeader(IMovableStorage storage, CancellationToken cancellationToken)
    {
        var session = await storage.Moves.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        return await session.GetHeader(cancellationToken).ConfigureAwait(false);
    }

    private async Task Start(CancellationToken cancellationToken)
    {
        Position = _contents.LastPosition;
        await ThrowIfOtherLog(cancellationToken).ConfigureAwait(false);
        // All changes that the store has removed are in the place if it contains the part that the store notes. A
        // backup by command leaves them to the continuous backup, if there is one.
        var label = _recorder is { } recorder
            ? await recorder.Start(cancellationToken).ConfigureAwait(false)
            : _storage is IBackupStorage { Changes: var others }
                ? await others.FindLastPart(cancellationToken).ConfigureAwait(false)
                : null;
        // Beside a continuous backup, the next part with changes has one of the numbers after the noted part, even if
        // backups by command have used these numbers.
        if (_recorder is null && label is not null)
            _maxCopyNumber = LogObjectName.NumberOf(label) + 1;
        var isContinued = label is not null && _contents.Log.Any(part => part.Label == label);
        _followsGap = !isContinued && _contents.Log.Count > 0;
    }

    /// <summary>
    /// Compares the last event in the place with the store. They differ if the store was replaced by an older copy,
    /// which has grown since, and no new epoch was started.
    /// </summary>
    private async Task ThrowIfOtherLog(CancellationToken cancellationToken)
    {
        if (Position > _header.LastPosition)
            throw OtherLog($"ends at position {Position}, and the store at {_header.LastPosition}");
        if (_contents.Log.LastOrDefault(part => part.Last >= part.First) is not { } part)
            return;
        var (_, content) = await _place.Get(part.Name, cancellationToken).ConfigureAwait(false);
        if (LogContent.ReadEvents(content).LastOrDefault() is not { } last)
            return;
        var session = await _storage.Moves.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        var stored = await session
            .ReadEvents(last.Position, last.Position, 1, cancellationToken)
            .ConfigureAwait(false);
        if (stored is [var found] && found.Id != last.Id)
            throw OtherLog($"contains event {last.Id} at position {last.Position}, and the store event {found.Id}");
    }

    private BackupException OtherLog(string difference) =>
        new($"The backup in {_place.Description} is of another log: it {difference}. If the store was restored, start "
            + "a new log epoch (millrace begin-log-epoch). Otherwise use another place.");

    private void ThrowIfOtherEpoch(MoveHeader header)
    {
        if (header.Epoch != _contents.Id.Epoch || header.StoreId != _contents.Id.Store)
            throw new BackupException(
                $"The store began log epoch {header.Epoch} while it was backed up. The backup continues with a new "
                    + "set.");
    }

    private async Task<(List<long> Numbers, bool AreAll, bool HasRemovals)> ReadChanges(
        CancellationToken cancellationToken)
    {
        var (numbers, hasRemovals, after) = (new List<long>(), false, 0L);
        if (_recorder is null)
            return (numbers, false, false);
        while (_changes.Length < PartBytes)
        {
            var page = await _recorder.Read(after, PageChanges, cancellationToken).ConfigureAwait(false);
            foreach (var change in page)
            {
                LogContent.Write(_changes, change);
                numbers.Add(change.Number);
                hasRemovals |= change.Table == MovedTables.Removals;
            }
            if (page.Count < PageChanges)
                return (numbers, true, hasRemovals);
            after = page[^1].Number;
        }
        return (numbers, false, hasRemovals);
    }

    private long TimeOf(long lastTime) =>
        lastTime > 0 ? lastTime : _contents.LastTime;

    private async Task RemoveChanges(List<long> numbers, string label, CancellationToken cancellationToken)
    {
        if (_recorder is null)
            return;
        for (var i = 0; i == 0 || i < numbers.Count; i += RemovedChanges)
        {
            var page = numbers.GetRange(i, Math.Min(RemovedChanges, numbers.Count - i));
            var isLast = i + page.Count == numbers.Count;
            await _recorder.Remove(page, isLast ? label : null, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<BackupContents> Relist(CancellationToken cancellationToken) =>
        (await _place.List(cancellationToken).ConfigureAwait(false)).FirstOrDefault(set => set.Id == _contents.Id)
        ?? _contents;
}
