using Millrace.Backups.Format;
using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Backups;

/// <summary>Writes the objects of a plan to a storage that is closed to applications.</summary>
internal sealed class RestoreRun(
    BackupPlace place, RestorePlan plan, IMoveEndpoint target, IProgress<MaintenanceProgress>? progress)
{
    private const int PageEvents = 20_000;

    // Versions and numbers after the table copy were given out before the loss, and are not given out again.
    private const long SkippedVersions = 1L << 30;
    private const long SkippedDeadLetters = 1_000_000;

    private readonly RemovedVersions _removed = new();
    private readonly List<string> _objectsWithChanges = [];
    private long _lastOfTransaction = plan.Position;

    /// <summary>Gets or sets the number of events after which a transaction is committed.</summary>
    public int TransactionEvents { get; init; } = EventTransactions.UsualEvents;

    public long Events { get; private set; }

    public long Rows { get; private set; }

    public DateTimeOffset? LastEventAt { get; private set; }

    /// <summary>
    /// Gets the streams of erasures and runs of retention whose removals outside the log the table copy lacks.
    /// </summary>
    public SortedSet<string> RemovalsAfterRows { get; } = new(StringComparer.Ordinal);

    public async Task Write(Guid store, long epoch, CancellationToken cancellationToken)
    {
        var (info, _) = await place.Get(plan.Copy.Name, cancellationToken).ConfigureAwait(false);
        if (info is not { Header: { } counters, Objects: { } objects })
            throw new BackupException($"'{plan.Copy.Name}' in {place.Description} is not complete.");
        // The identity comes first, so that the next run recognizes the storage after an interruption.
        var header = new MoveHeader(
            store,
            epoch,
            counters.CreatedAt,
            counters.CreatedBy,
            0,
            counters.DocumentVersion + SkippedVersions,
            counters.LastDeadLetter + SkippedDeadLetters);
        await InSession(session => session.SetHeader(header, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        foreach (var name in objects)
            await WriteRows(name, cancellationToken).ConfigureAwait(false);
        await ReadRemovals(cancellationToken).ConfigureAwait(false);
        await WriteLog(cancellationToken).ConfigureAwait(false);
        await WriteChanges(cancellationToken).ConfigureAwait(false);
        // Counters of rows that were just written, such as the number of the last removal.
        await InSession(session => session.SetHeader(header, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task WriteRows(string name, CancellationToken cancellationToken)
    {
        var (info, content) = await place.Get(name, cancellationToken).ConfigureAwait(false);
        var collection = info.Fields is { } fields
            ? new CollectionDefinition(
                info.Table!, // Every object with rows has a table.
                [.. fields.Select(field => new FieldDefinition(field.Name, FieldKindText.Parse(field.Kind)))])
            {
                KeyCoding = info.KeyCoding,
            }
            : null;
        var table = collection is null ? MovedTables.Find(info.Table!) : MovedTables.OfDocuments(collection);
        if (table is null)
            throw new BackupException($"'{name}' in {place.Description} contains the unknown table '{info.Table}'.");
        var rows = place.Read(name, () => RestoredRows.Read(content, table, info.Count));
        if (table == MovedTables.Removals)
            rows.ForEach(_removed.Add);
        await InSession(
            async session =>
            {
                if (collection is not null)
                    await session.CreateCollection(collection, cancellationToken).ConfigureAwait(false);
                await session.Put(table, rows, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        Rows += rows.Count;
        progress?.Report(new MaintenanceProgress(Rows, 0, $"rows of {table.Name}"));
    }

    /// <summary>
    /// Reads the removals that were recorded after the table copy, so that their events are not restored.
    /// </summary>
    private async Task ReadRemovals(CancellationToken cancellationToken)
    {
        var changes = new ChangeReplay(plan.Position, plan.Position);
        var joined = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in plan.Log)
        {
            if (!part.HasRemovals || !IsAfterCopy(part) || joined.Contains(part.Name))
                continue;
            var (info, content) = await place.GetLog(part.Name, cancellationToken).ConfigureAwait(false);
            joined.UnionWith(info.Objects ?? []);
            foreach (var change in place.Read(part.Name, () => LogContent.ReadChanges(content).ToList()))
            {
                if (change.Table == MovedTables.Removals && changes.IsBefore(change, info.RecordsRequests))
                    _removed.Add(change.Row);
            }
        }
    }

    /// <summary>
    /// Returns true if the object has changes that the table copy lacks. At the position of a table copy it lacks none.
    /// </summary>
    private bool IsAfterCopy(LogObjectName part) => plan.HasAllChanges && part.ToNumber >= plan.Copy.Number;

    private async Task WriteLog(CancellationToken cancellationToken)
    {
        var written = await FindEnd(cancellationToken).ConfigureAwait(false);
        // A segment contains several parts, which remain in some places, or were joined after the plan was made.
        var joined = new HashSet<string>(StringComparer.Ordinal);
        var next = 0;
        var reading = ReadObject(next, cancellationToken);
        var transactions = new EventTransactions(target, TransactionEvents);
        await using var _ = transactions.ConfigureAwait(false);
        while (next < plan.Log.Count)
        {
            var part = plan.Log[next];
            var (info, content) = await reading.ConfigureAwait(false);
            joined.UnionWith(info.Objects ?? []);
            while (++next < plan.Log.Count && joined.Contains(plan.Log[next].Name))
            {
                // The segment was read.
            }
            reading = ReadObject(next, cancellationToken); // While this object is written.
            if (info.Changes > 0 && IsAfterCopy(LogObjectName.Parse(info.Name, 0) ?? part))
                _objectsWithChanges.Add(info.Name);
            var page = new List<RecordedEvent>();
            foreach (var recorded in ReadAll(info.Name, LogContent.ReadEvents(content)))
            {
                Observe(recorded);
                if (recorded.Position <= written || recorded.Position > plan.Position)
                    continue;
                written = recorded.Position; // Two objects may contain the same events.
                if (_removed.Contains(recorded))
                    continue;
                page.Add(recorded);
                if (page.Count == PageEvents)
                    await Flush(transactions, page, cancellationToken).ConfigureAwait(false);
            }
            await Flush(transactions, page, cancellationToken).ConfigureAwait(false);
            progress?.Report(new MaintenanceProgress(written, plan.Position, "events"));
        }
        await transactions.Commit(cancellationToken).ConfigureAwait(false);
        await reading.ConfigureAwait(false);
    }

    private void Observe(RecordedEvent recorded)
    {
        if (recorded.Position > plan.Copy.Position && recorded.Position <= plan.Position
            && RemovalEvents.Contains(recorded))
            RemovalsAfterRows.Add(recorded.Stream.Value);
        if (recorded.Position <= plan.Position)
            LastEventAt = recorded.Timestamp;
        else if (recorded.Timestamp == LastEventAt)
            _lastOfTransaction = recorded.Position; // Events of a transaction have the same time.
    }

    private async Task<(BackupInfo Info, ReadOnlyMemory<byte> Content)> ReadObject(
        int index, CancellationToken cancellationToken) =>
        index < plan.Log.Count
            ? await place.GetLog(plan.Log[index].Name, cancellationToken).ConfigureAwait(false)
            : default;

    private async Task Flush(
        EventTransactions transactions, List<RecordedEvent> page, CancellationToken cancellationToken)
    {
        if (page.Count == 0)
            return;
        await transactions.Add(page, cancellationToken).ConfigureAwait(false);
        Events += page.Count;
        page.Clear();
    }

    private async Task WriteChanges(CancellationToken cancellationToken)
    {
        var replay = new ChangeReplay(plan.Position, _lastOfTransaction);
        foreach (var name in _objectsWithChanges)
        {
            var (info, content) = await place.GetLog(name, cancellationToken).ConfigureAwait(false);
            var changes = place.Read(name, () => LogContent.ReadChanges(content).ToList());
            await InSession(
                async session => await replay
                    .Apply(session, changes, info.RecordsRequests, cancellationToken)
                    .ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            Rows += info.Changes;
        }
    }

    private IEnumerable<T> ReadAll<T>(string name, IEnumerable<T> items)
    {
        using var next = items.GetEnumerator();
        while (place.Read(name, next.MoveNext))
            yield return next.Current;
    }

    private async Task<long> FindEnd(CancellationToken cancellationToken)
    {
        var session = await target.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        return (await session.GetHeader(cancellationToken).ConfigureAwait(false)).LastPosition;
    }

    private async Task InSession(Func<IMoveSession, ValueTask> write, CancellationToken cancellationToken)
    {
        var session = await target.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        await write(session).ConfigureAwait(false);
        await session.Commit(cancellationToken).ConfigureAwait(false);
    }
}
