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
    private const int RemovedChanges = 1_000;

    private readonly IMovableStorage _storage;
    private readonly IChangeRecorder? _recorder;
    private readonly BackupPlace _place;
    private readonly TimeProvider _time;
    private readonly PartContent _part;
    private readonly long _maxChangeBytes;
    private readonly string? _noted; // The last part that the store noted before the start.
    private MoveHeader _header;
    private BackupContents _contents;
    private bool _followsGap;
    private bool _hasCopyAfterGap;
    private bool _hasNote; // The store notes the last part, or a table copy before the first part.
    private long? _copyNumber; // Of a backup by command.
    private long _minNumber;
    private long _lastCopyNumber; // Of the table copy that was started last.

    private BackupWriter(
        IMovableStorage storage,
        IChangeRecorder? recorder,
        BackupPlace place,
        TimeProvider time,
        MoveHeader header,
        BackupContents contents,
        string? noted,
        long maxChangeBytes)
    {
        (_noted, _maxChangeBytes) = (noted, maxChangeBytes);
        (_storage, _recorder, _place, _time) = (storage, recorder, place, time);
        (_header, _contents, _part) = (header, contents, new PartContent(recorder));
        Cleaner = new LogCleaner(place);
    }

    /// <summary>Gets the cleaner of the set, which <see cref="RemoveOld"/> starts.</summary>
    public LogCleaner Cleaner { get; }

    /// <summary>Gets the last position that the place contains.</summary>
    public long Position { get; private set; }

    /// <summary>Gets the set of this store and epoch.</summary>
    public BackupContents Contents => _contents;

    /// <summary>Gets whether a table copy must be written before the next part.</summary>
    public bool NeedsCopy =>
        (_followsGap && !_hasCopyAfterGap) || _contents.Copies.Count == 0 || _contents.HasOpenGap;

    /// <summary>Gets whether the last part contains a change of the catalog of tenants.</summary>
    public bool HasTenantChange { get; private set; }

    /// <summary>Gets the position of the last table copy; 0 if there is none.</summary>
    public long LastCopyPosition => _contents.Copies.Count == 0 ? 0 : _contents.Copies[^1].Position;

    /// <summary>Gets whether changes before the next part are missing.</summary>
    public bool FollowsGap => _followsGap;

    /// <summary>Gets whether a full backup began a newer set of this epoch, to which a new writer writes.</summary>
    public bool IsReplaced { get; private set; }

    /// <summary>Gets whether parts that were joined remain, because the place refuses deletion.</summary>
    public bool KeepsParts { get; private set; }

    /// <summary>Gets the store.</summary>
    public IMovableStorage Storage => _storage;

    /// <summary>Gets the place, with the key that was derived from the passphrase.</summary>
    public BackupPlace Place => _place;

    /// <summary>Gets whether a merge is worthwhile.</summary>
    public bool HasManyParts => new BackupMerger(_place, _contents).HasRun;

    /// <summary>Gets the time of the last table copy; null if there is none.</summary>
    public DateTimeOffset? LastCopyAt => _contents.Copies.Count == 0
        ? null
        : DateTimeOffset.FromUnixTimeMilliseconds(_contents.Copies[^1].Time);

    /// <summary>Finds the set of the store's epoch and its last position.</summary>
    /// <param name="storage">The store.</param>
    /// <param name="recorder">Records changes; null if each run writes a table copy instead.</param>
    /// <param name="objects">The place.</param>
    /// <param name="passphrase">Encrypts the objects; null for no encryption.</param>
    /// <param name="start">How the backup starts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <param name="known">The place of a writer with the same passphrase, whose key is used again; may be
    /// null.</param>
    /// <exception cref="BackupException">The set is not of this store, or is encrypted with another
    /// passphrase.</exception>
    public static async Task<BackupWriter> Open(
        IMovableStorage storage,
        IChangeRecorder? recorder,
        IObjectStorage objects,
        string? passphrase,
        BackupStart start,
        TimeProvider time,
        CancellationToken cancellationToken,
        BackupPlace? known = null)
    {
        var header = await ReadHeader(storage, cancellationToken).ConfigureAwait(false);
        var place = known?.Store == header.StoreId ? known : new BackupPlace(objects, passphrase, header.StoreId);
        // The last part is noted before the place is listed, so that it is in the list.
        var label = storage is IBackupStorage { Changes: var changes }
            ? await changes.FindLastPart(cancellationToken).ConfigureAwait(false)
            : null;
        var contents = await new BackupSetFinder(place, header, passphrase is not null)
            .Find(label, isByCommand: recorder is null, start, cancellationToken)
            .ConfigureAwait(false);
        var maxBytes = start.MaxChangeBytes ?? IChangeRecorder.DefaultMaxBytes;
        var writer = new BackupWriter(storage, recorder, place, time, header, contents, label, maxBytes);
        await writer.Start(label, cancellationToken).ConfigureAwait(false);
        return writer;
    }

    /// <summary>
    /// Returns true if a continuous backup of the store writes, or wrote, a set of this epoch, with its own retention.
    /// </summary>
    public Task<bool> IsBesideContinuous(CancellationToken cancellationToken) =>
        new BackupSetFinder(_place, _header, isEncrypted: false).HasContinuous(_noted, cancellationToken);

    /// <summary>Copies the rows of all tables, as of one moment. Returns the position that they reflect.</summary>
    public async Task<long> CopyTables(CancellationToken cancellationToken)
    {
        var copy = await StartCopy(cancellationToken).ConfigureAwait(false);
        await using var _ = copy.ConfigureAwait(false);
        await Add(await copy.Write(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
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
            _lastCopyNumber = _copyNumber ?? NextNumber;
            var name = TableCopyName.Create(
                _contents.Id.Folder,
                _lastCopyNumber,
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
    public async Task Add(StoredObject copy, CancellationToken cancellationToken)
    {
        var name = TableCopyName.Parse(copy.Name)!; // The writer created the name.
        _contents.Add(copy);
        _contents.Order();
        if (name.Number < _minNumber)
            return; // It was started before the gap.
        _hasCopyAfterGap = true;
        if (_recorder is null || _hasNote)
            return;
        // No change was removed since recording started, so that all changes after the copy are recorded.
        await _recorder.Remove([], name.Label, cancellationToken).ConfigureAwait(false);
        _hasNote = true;
    }

    /// <summary>Writes a part with the next events and all recorded changes, if there are any.</summary>
    /// <param name="upTo">The last position to write.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>True if there are more events or changes.</returns>
    public async Task<bool> WritePart(long upTo, CancellationToken cancellationToken)
    {
        var events = await ReadEvents(upTo, cancellationToken).ConfigureAwait(false);
        var changes = await ReadChanges(cancellationToken).ConfigureAwait(false);
        HasTenantChange = changes.HasTenants;
        if (events.Last == Position && changes.Numbers.Count == 0)
            return false;
        var number = NextNumber;
        var time = events.LastTime?.ToUnixTimeMilliseconds() ?? _contents.LastTime;
        var name = new LogObjectName(
            number, number, Position + 1, events.Last, time, changes.HasRemovals, _followsGap, "", 0)
        {
            HasAllChanges = changes.AreAll && !events.IsCut,
        }.Create(_contents.Id.Folder);
        var info = new BackupInfo
        {
            Kind = "log",
            Store = _header.StoreId,
            Epoch = _header.Epoch,
            First = Position + 1,
            Last = events.Last,
            Count = events.Count,
            Changes = changes.Numbers.Count,
            FollowsGap = _followsGap,
            RecordsRequests = _recorder?.RecordsRequests ?? false,
        };
        var size = await _place
            .Put(name, info, _part.Build(), cancellationToken)
            .ConfigureAwait(false);
        _contents.Add(new StoredObject(name, size));
        _contents.Order();
        (_followsGap, Position) = (false, events.Last);
        await RemoveChanges(changes.Numbers, LogObjectName.Parse(name, size)!.Label, cancellationToken)
            .ConfigureAwait(false);
        return events.Last < Math.Min(upTo, _header.LastPosition) || (_recorder is not null && !changes.AreAll);
    }

    /// <summary>Joins small parts to segments, and removes parts that a segment replaces.</summary>
    public async Task Merge(CancellationToken cancellationToken)
    {
        var contents = await Relist(cancellationToken).ConfigureAwait(false);
        var merger = new BackupMerger(_place, contents) { KeepsParts = KeepsParts };
        _contents = await merger.Run(cancellationToken).ConfigureAwait(false);
        KeepsParts = merger.KeepsParts;
        if (KeepsParts)
            _contents.ForgetCovered();
    }

    private async Task<PartEvents> ReadEvents(long upTo, CancellationToken cancellationToken)
    {
        var session = await _storage.Moves.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        _header = await session.GetHeader(cancellationToken).ConfigureAwait(false);
        ThrowIfOtherEpoch(_header);
        return await _part
            .ReadEvents(session, Position, Math.Min(upTo, _header.LastPosition), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Removes what no restore as of a time after <paramref name="cutoff"/> needs: all table copies before the last one
    /// of that time, and the sets that later sets replaced then. <see cref="Cleaner"/> removes events and changes.
    /// </summary>
    /// <param name="cutoff">Positions after this time can be restored.</param>
    /// <param name="endOfInterval">Returns the end of the interval of a time. Of older table copies, the last one in
    /// each interval remains.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task RemoveOld(
        DateTimeOffset cutoff,
        Func<DateTimeOffset, DateTimeOffset> endOfInterval,
        CancellationToken cancellationToken)
    {
        var sets = await _place.List(cancellationToken).ConfigureAwait(false);
        await new BackupCleaner(_place, sets, _contents.Id)
            .Run(cutoff, _time.GetUtcNow(), endOfInterval, cancellationToken)
            .ConfigureAwait(false);
        _contents = await Relist(cancellationToken).ConfigureAwait(false);
        await Cleaner.Start(_contents, cutoff, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<MoveHeader> ReadHeader(IMovableStorage storage, CancellationToken cancellationToken)
    {
        var session = await storage.Moves.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        return await session.GetHeader(cancellationToken).ConfigureAwait(false);
    }

    private long NextNumber => Math.Max(_contents.NextNumber, _minNumber);

    private async Task Start(string? label, CancellationToken cancellationToken)
    {
        Position = _contents.LastPosition;
        await ThrowIfOtherLog(cancellationToken).ConfigureAwait(false);
        // All changes that the store has removed are in the place if it contains the part that the store notes. A
        // backup by command leaves them to the continuous backup, if there is one.
        if (_recorder is { } recorder)
            label = await recorder.Start(_maxChangeBytes, cancellationToken).ConfigureAwait(false);
        var noted = _contents.Log.FirstOrDefault(part => part.Label == label);
        if (_recorder is null)
        {
            // A table copy by command is beside a continuous backup, whose next part can have any number after the
            // noted one. The copy's number must not be greater, and is less than that of each part after a gap. Parts
            // of a backup by command have no changes, so that they cannot lack any.
            _copyNumber = noted?.ToNumber ?? 1;
            return;
        }
        _hasNote = label is not null;
        if (noted is not null || (_contents.Log.Count == 0 && _contents.Copies.Count == 0))
            return;
        var copy = _contents.Copies.FirstOrDefault(one => one.Label == label);
        _followsGap = copy is null || _contents.Copies.Any(other => other.Time < copy.Time);
        _hasCopyAfterGap = copy?.Number == _contents.NextNumber;
        if (_followsGap && !_hasCopyAfterGap && _contents.Copies.Count > 0)
            _minNumber = _contents.Copies[^1].Number + 1; // Earlier table copies are before the gap.
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
        var (_, content) = await _place.GetLog(part.Name, cancellationToken).ConfigureAwait(false);
        if (_place.Read(part.Name, () => LogContent.ReadEvents(content).LastOrDefault()) is not { } last)
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

    private async Task<PartChanges> ReadChanges(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await _part.ReadChanges(cancellationToken).ConfigureAwait(false) is { } read)
                return read;
            await StartAgain(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Records changes again after the limit was reached: those before the next part are missing, and all table copies
    /// were started before it.
    /// </summary>
    private async Task StartAgain(CancellationToken cancellationToken)
    {
        await _recorder!.Start(_maxChangeBytes, cancellationToken).ConfigureAwait(false); // It has recorded changes.
        (_followsGap, _hasCopyAfterGap, _hasNote) = (true, false, false);
        var copies = _contents.Copies.Count == 0 ? 0 : _contents.Copies[^1].Number;
        _minNumber = Math.Max(copies, _lastCopyNumber) + 1;
    }

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
        _hasNote = true;
    }

    private async Task<BackupContents> Relist(CancellationToken cancellationToken)
    {
        var sets = await _place.List(cancellationToken).ConfigureAwait(false);
        IsReplaced = sets.Any(set =>
            set.Id.Epoch == _contents.Id.Epoch && set.Id.Generation > _contents.Id.Generation);
        var listed = sets.FirstOrDefault(set => set.Id == _contents.Id);
        if (KeepsParts)
            listed?.ForgetCovered();
        return listed ?? _contents;
    }
}
