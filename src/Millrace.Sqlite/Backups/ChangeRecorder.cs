using Millrace.Sqlite.Connections;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Moves;
using Millrace.Sqlite.Names;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;

namespace Millrace.Sqlite.Backups;

/// <summary>
/// Records the changes of claims, handled ids, removals, bounds of streams and documents with triggers.
/// </summary>
internal sealed class ChangeRecorder(Writer writer, ReaderPool readers, NameTable names) : IChangeRecorder
{
    public bool RecordsRequests => true;

    public async ValueTask<string?> Start(long maxBytes, CancellationToken cancellationToken) => await writer
        .WriteOutsideQueue(ChangeTriggers.Start, maxBytes, cancellationToken)
        .ConfigureAwait(false);

    public ValueTask<string?> FindLastPart(CancellationToken cancellationToken) => readers.Read(
        static (connection, _) => ChangeTriggers.FindLastPart(connection), 0, cancellationToken);

    public async ValueTask Stop(CancellationToken cancellationToken) => await writer.WriteOutsideQueue(
        static (connection, _) =>
        {
            ChangeTriggers.Stop(connection);
            return 0;
        },
        0,
        cancellationToken).ConfigureAwait(false);

    public ValueTask<IReadOnlyList<RecordedChange>?> Read(long after, int limit, CancellationToken cancellationToken) =>
        readers.Read(ReadPage, (after, limit), cancellationToken);

    public async ValueTask Remove(IReadOnlyList<long> changes, string? part, CancellationToken cancellationToken) =>
        await writer.WriteOutsideQueue(
            static (connection, removed) =>
            {
                foreach (var number in removed.Changes)
                    ChangeTriggers.Remove(connection, number);
                if (removed.Part is { } part)
                    ChangeTriggers.NotePart(connection, part);
                return 0;
            },
            (Changes: changes, Part: part),
            cancellationToken).ConfigureAwait(false);

    private IReadOnlyList<RecordedChange>? ReadPage(Connection connection, (long After, int Limit) page)
    {
        var collections = new Collections();
        var rows = new MovedRows(connection, names, new StreamTable(), collections);
        var changes = new List<RecordedChange>();
        var row = ChangeTriggers.Select(connection, page.After, page.Limit);
        var isFull = false;
        var bytes = 0L;
        while (!isFull && bytes < IChangeRecorder.MaxPageBytes && row.Step())
        {
            isFull = row.GetText(1) == ChangeTriggers.FullRow;
            if (isFull)
                break;
            var change = ReadChange(connection, rows, collections, row);
            bytes += change.Bytes;
            changes.Add(change);
        }
        row.Reset();
        return isFull ? null : changes;
    }

    private RecordedChange ReadChange(Connection connection, MovedRows rows, Collections collections, Statement row)
    {
        var (number, position) = (row.GetInt64(0), row.GetInt64(3));
        switch (row.GetText(1))
        {
            case "claims":
                var scope = names.Get(connection, row.GetInt64(2));
                var isReleased = row.IsNull(6);
                var claim = new MovedRow(
                    isReleased ? [scope, row.GetText(5)] : [scope, row.GetText(5), row.GetText(6)]);
                return new RecordedChange(number, position, MovedTables.Claims, claim, isReleased);
            case "handled":
                var handled = new MovedRow(
                [
                    names.Get(connection, row.GetInt64(2)), row.GetText(5), row.GetBytes(8).ToArray(), position,
                    row.GetInt64(6),
                ]);
                return new RecordedChange(number, position, MovedTables.Handled, handled, IsRemoved: false);
            case "removals":
                var removal = new MovedRow([row.GetInt64(2)]);
                return Found(number, position, MovedTables.Removals, removal, rows.Find(MovedTables.Removals, removal));
            case ChangeTriggers.DocumentRow or ChangeTriggers.DocumentKeyRow:
                return ReadDocument(connection, rows, collections, row);
            default:
                var bounds = new MovedRow([row.GetText(2), row.GetInt64(5), row.GetInt64(6)]);
                return new RecordedChange(number, position, MovedTables.StreamBounds, bounds, IsRemoved: false);
        }
    }

    /// <summary>Reads a change of a document. One of a collection that was dropped is a removed one.</summary>
    private static RecordedChange ReadDocument(
        Connection connection, MovedRows rows, Collections collections, Statement row)
    {
        var (number, position, name) = (row.GetInt64(0), row.GetInt64(3), row.GetText(2));
        var found = collections.Find(connection, name);
        var collection = found?.Definition ?? new CollectionDefinition(name, []);
        var table = MovedTables.OfDocuments(collection);
        var key = new MovedRow([row.GetText(ChangeTriggers.DocumentColumn)]);
        MovedRow? document = null;
        if (found is not null && row.GetText(1) == ChangeTriggers.DocumentKeyRow)
            document = rows.Find(table, key);
        else if (found?.Number == row.GetInt64(4) && !row.IsNull(ChangeTriggers.DocumentColumn + 1))
            document = rows.ReadRow(row, table, ChangeTriggers.DocumentColumn);
        return Found(number, position, table, key, document) with { Collection = collection };
    }

    private static RecordedChange Found(long number, long position, MovedTable table, MovedRow key, MovedRow? found) =>
        new(number, position, table, found ?? key, IsRemoved: found is null);
}
