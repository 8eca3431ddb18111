using Millrace.Backups.Format;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;

namespace Millrace.Backups;

/// <summary>
/// Writes the rows of all tables as of the start of a session, and then the object that completes the table copy. A
/// restore chooses only a complete one. Parts can be written at the same time.
/// </summary>
internal sealed class TableCopyWriter(BackupPlace place, IMoveSession session, MoveHeader header, string name)
    : IAsyncDisposable
{
    private const int ObjectBytes = 16 * 1024 * 1024;
    private const int MaxPageRows = 1_000;

    private readonly TableCopyName _name = TableCopyName.Parse(name)!; // The caller created the name.
    private readonly ContentWriter _rows = new();
    private readonly List<string> _objects = [];
    private long _count;
    private int _pageRows = MaxPageRows;

    /// <summary>Gets the set to which the table copy belongs.</summary>
    public BackupSetId Set => BackupSetId.Of(name)!; // The caller created the name.

    /// <summary>Gets the position that the rows reflect.</summary>
    public long Position => header.LastPosition;

    /// <summary>Writes the table copy, and returns its last object.</summary>
    public async Task<StoredObject> Write(CancellationToken cancellationToken)
    {
        var rows = 0L;
        foreach (var table in MovedTables.All)
            rows += await Write(table, null, cancellationToken).ConfigureAwait(false);
        foreach (var collection in await session.ListCollections(cancellationToken).ConfigureAwait(false))
            rows += await Write(collection.Table, collection.Definition, cancellationToken).ConfigureAwait(false);
        var info = InfoOf("tables") with
        {
            Count = rows,
            Objects = _objects,
            Header = new BackupHeader(
                header.CreatedAt, header.CreatedBy, header.DocumentVersion, header.LastDeadLetter),
        };
        var size = await place.Put(name, info, cancellationToken).ConfigureAwait(false);
        return new StoredObject(name, size);
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();

    private async Task<long> Write(
        MovedTable table, CollectionDefinition? collection, CancellationToken cancellationToken)
    {
        var rows = 0L;
        MovedRow? after = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var limit = _pageRows;
            var page = await session.ReadRows(table, after, limit, cancellationToken).ConfigureAwait(false);
            var before = _rows.Length;
            foreach (var row in page)
            {
                RowCoder.Write(_rows, table, row);
                _count++;
                if (_rows.Length >= ObjectBytes)
                    await Flush(table, collection, cancellationToken).ConfigureAwait(false);
            }
            rows += page.Count;
            if (page.Count < limit)
                break;
            after = page[^1];
            // Large documents are read in smaller pages, so that a page needs little memory.
            _pageRows = _rows.Length < before || _rows.Length - before > ObjectBytes / 4
                ? Math.Max(1, limit / 4)
                : Math.Min(MaxPageRows, limit * 2);
        }
        // A collection is written even without documents, so that it exists after a restore.
        if (_count > 0 || (collection is not null && rows == 0))
            await Flush(table, collection, cancellationToken).ConfigureAwait(false);
        return rows;
    }

    private async Task Flush(MovedTable table, CollectionDefinition? collection, CancellationToken cancellationToken)
    {
        var info = InfoOf("rows") with
        {
            Count = _count,
            Table = table.Name,
            Fields = collection is null
                ? null
                : [.. collection.Fields.Select(field => new BackupField(field.Name, FieldKindText.Of(field.Kind)))],
            KeyCoding = collection?.KeyCoding ?? 0,
        };
        var target = _name.RowsName(_objects.Count + 1);
        await place.Put(target, info, [_rows.Written], cancellationToken).ConfigureAwait(false);
        _objects.Add(target);
        _rows.Clear();
        _count = 0;
    }

    private BackupInfo InfoOf(string kind) => new()
    {
        Kind = kind,
        Store = header.StoreId,
        Epoch = header.Epoch,
        First = header.LastPosition + 1,
        Last = header.LastPosition,
    };
}
