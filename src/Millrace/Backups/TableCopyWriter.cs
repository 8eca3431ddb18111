using Millrace.Backups.Format;
using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Backups;

/// <summary>Writes the rows of all tables, and then the object that completes the table copy.</summary>
internal sealed class TableCopyWriter(BackupPlace place, IMoveSession session, MoveHeader header, string name)
{
    private const int ObjectBytes = 16 * 1024 * 1024;
    private const int PageRows = 1_000;

    private readonly TableCopyName _name = TableCopyName.Parse(name)!; // The caller created the name.
    private readonly ContentWriter _rows = new();
    private readonly List<string> _objects = [];
    private long _count;

    /// <summary>Writes the table copy, and returns the size of its last object.</summary>
    public async Task<long> Write(CancellationToken cancellationToken)
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
        return await place.Put(name, info, default, cancellationToken).ConfigureAwait(false);
    }

    private async Task<long> Write(
        MovedTable table, CollectionDefinition? collection, CancellationToken cancellationToken)
    {
        var rows = 0L;
        MovedRow? after = null;
        while (true)
        {
            var page = await session.ReadRows(table, after, PageRows, cancellationToken).ConfigureAwait(false);
            foreach (var row in page)
                RowCoder.Write(_rows, table, row);
            _count += page.Count;
            rows += page.Count;
            var isLast = page.Count < PageRows;
            // A collection is written even without documents, so that it exists after a restore.
            if (isLast ? _count > 0 || (collection is not null && rows == 0) : _rows.Length >= ObjectBytes)
                await Flush(table, collection, cancellationToken).ConfigureAwait(false);
            if (isLast)
                return rows;
            after = page[^1];
        }
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
        await place.Put(target, info, _rows.Written.ToArray(), cancellationToken).ConfigureAwait(false);
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
