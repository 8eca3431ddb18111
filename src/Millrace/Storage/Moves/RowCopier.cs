namespace Millrace.Storage.Moves;

/// <summary>Copies the rows outside the log from a source to a target, and writes only the differences.</summary>
/// <remarks>
/// If applications change rows of the source during the copy, the source records the changes. The next round copies
/// them.
/// </remarks>
internal sealed class RowCopier(IMoveEndpoint from, IMoveEndpoint to, IProgress<MaintenanceProgress>? progress)
{
    private const int PageRows = 1_000;

    // The numbers of the copied collections, by name.
    private readonly Dictionary<string, long> _collections = new(StringComparer.Ordinal);

    /// <summary>Gets the number of rows that were written or removed.</summary>
    public long Copied { get; private set; }

    /// <summary>Copies all tables.</summary>
    public async Task CopyAll(CancellationToken cancellationToken)
    {
        foreach (var table in MovedTables.All)
            await Copy(table, cancellationToken).ConfigureAwait(false);
        await CopyCollections(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Copies the collections that were created after the last round. Returns false if there were no new collections.
    /// </summary>
    public async Task<bool> CopyCollections(CancellationToken cancellationToken)
    {
        await from.NoteCollections(cancellationToken).ConfigureAwait(false);
        var existing = await ListCollections(cancellationToken).ConfigureAwait(false);
        var isNew = false;
        foreach (var collection in existing.Where(collection => !IsKnown(collection)))
        {
            await CreateCollection(collection, cancellationToken).ConfigureAwait(false);
            await Copy(collection.Table, cancellationToken).ConfigureAwait(false);
            _collections[collection.Definition.Name] = collection.Number;
            isNew = true;
        }
        return isNew;
    }

    /// <summary>
    /// Drops collections of the target that no longer exist in the source. Returns false if the source has a collection
    /// that was not copied yet.
    /// </summary>
    public async Task<bool> MatchCollections(
        IMoveSession source, IMoveSession target, CancellationToken cancellationToken)
    {
        var existing = await source.ListCollections(cancellationToken).ConfigureAwait(false);
        var names = existing.Select(collection => collection.Definition.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var collection in await target.ListCollections(cancellationToken).ConfigureAwait(false))
        {
            if (!names.Contains(collection.Definition.Name))
                await target.DropCollection(collection.Definition.Name, cancellationToken).ConfigureAwait(false);
        }
        return existing.All(collection => collection.IsNoted && IsKnown(collection));
    }

    /// <summary>Copies the rows whose changes the source has recorded.</summary>
    public async Task CopyRecorded(
        IMoveSession source,
        IMoveSession target,
        MovedTable table,
        IReadOnlyCollection<MovedRow> keys,
        CancellationToken cancellationToken)
    {
        if (table.IsDocuments && !_collections.ContainsKey(table.Name))
            return; // The collection will be copied completely.
        foreach (var page in keys.Chunk(PageRows))
        {
            var rows = await source.FindRows(table, page, cancellationToken).ConfigureAwait(false);
            var found = rows.Select(row => row.Key(table.KeyColumns)).ToHashSet();
            // Rows are removed first, because another row may now have the same value in a second unique key.
            await target
                .Remove(table, [.. page.Where(key => !found.Contains(key))], cancellationToken)
                .ConfigureAwait(false);
            await target.Put(table, rows, cancellationToken).ConfigureAwait(false);
            Copied += page.Length;
        }
    }

    private bool IsKnown(MovedCollection collection) =>
        _collections.TryGetValue(collection.Definition.Name, out var number) && number == collection.Number;

    private async Task<IReadOnlyList<MovedCollection>> ListCollections(CancellationToken cancellationToken)
    {
        var session = await from.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        return await session.ListCollections(cancellationToken).ConfigureAwait(false);
    }

    private async Task CreateCollection(MovedCollection collection, CancellationToken cancellationToken)
    {
        var session = await to.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        await session.CreateCollection(collection.Definition, cancellationToken).ConfigureAwait(false);
        await session.Commit(cancellationToken).ConfigureAwait(false);
    }

    private async Task Copy(MovedTable table, CancellationToken cancellationToken)
    {
        progress?.Report(new MaintenanceProgress(Copied, 0, $"rows of {table.Name}"));
        await RemoveMissing(table, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<MovedRow> rows = [];
        do
        {
            rows = await Read(from, table, rows.Count > 0 ? rows[^1] : null, cancellationToken).ConfigureAwait(false);
            if (rows.Count > 0)
                await Write(table, rows, cancellationToken).ConfigureAwait(false);
        }
        while (rows.Count == PageRows);
    }

    /// <summary>
    /// Removes rows of the target that the source does not have. There are few such rows, unless the target is an old
    /// copy.
    /// </summary>
    private async Task RemoveMissing(MovedTable table, CancellationToken cancellationToken)
    {
        IReadOnlyList<MovedRow> rows = [];
        do
        {
            rows = await Read(to, table, rows.Count > 0 ? rows[^1] : null, cancellationToken).ConfigureAwait(false);
            if (rows.Count == 0)
                return;
            var keys = rows.Select(row => row.Key(table.KeyColumns)).ToHashSet();
            var source = await from.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
            await using (source.ConfigureAwait(false))
            {
                foreach (var found in await source.FindRows(table, keys, cancellationToken).ConfigureAwait(false))
                    keys.Remove(found.Key(table.KeyColumns));
            }
            if (keys.Count > 0)
                await Remove(table, keys, cancellationToken).ConfigureAwait(false);
        }
        while (rows.Count == PageRows);
    }

    private async Task Remove(MovedTable table, HashSet<MovedRow> keys, CancellationToken cancellationToken)
    {
        var target = await to.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
        await using var _ = target.ConfigureAwait(false);
        await target.Remove(table, keys, cancellationToken).ConfigureAwait(false);
        await target.Commit(cancellationToken).ConfigureAwait(false);
        Copied += keys.Count;
    }

    private async Task Write(MovedTable table, IReadOnlyList<MovedRow> rows, CancellationToken cancellationToken)
    {
        var target = await to.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
        await using var _ = target.ConfigureAwait(false);
        var existing = (await target.FindRows(table, rows, cancellationToken).ConfigureAwait(false)).ToHashSet();
        MovedRow[] changed = [.. rows.Where(row => !existing.Contains(row))];
        if (changed.Length == 0)
            return;
        await target.Put(table, changed, cancellationToken).ConfigureAwait(false);
        await target.Commit(cancellationToken).ConfigureAwait(false);
        Copied += changed.Length;
    }

    private static async Task<IReadOnlyList<MovedRow>> Read(
        IMoveEndpoint endpoint, MovedTable table, MovedRow? after, CancellationToken cancellationToken)
    {
        var session = await endpoint.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = session.ConfigureAwait(false);
        return await session.ReadRows(table, after, PageRows, cancellationToken).ConfigureAwait(false);
    }
}
