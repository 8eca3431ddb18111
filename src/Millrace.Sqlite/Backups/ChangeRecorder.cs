using Millrace.Sqlite.Connections;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Moves;
using Millrace.Sqlite.Names;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;

namespace Millrace.Sqlite.Backups;

/// <summary>Records the changes of claims, handled ids, removals and bounds of streams with triggers.</summary>
internal sealed class ChangeRecorder(Writer writer, ReaderPool readers, NameTable names) : IChangeRecorder
{
    public bool RecordsRequests => true;

    public async ValueTask<string?> Start(CancellationToken cancellationToken) => await writer
        .WriteOutsideQueue(static (connection, _) => ChangeTriggers.Start(connection), 0, cancellationToken)
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

    public ValueTask<IReadOnlyList<RecordedChange>> Read(long after, int limit, CancellationToken cancellationToken) =>
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

    private IReadOnlyList<RecordedChange> ReadPage(Connection connection, (long After, int Limit) page)
    {
        var rows = new MovedRows(connection, names, new StreamTable(), new Collections());
        var changes = new List<RecordedChange>();
        var row = ChangeTriggers.Select(connection, page.After, page.Limit);
        while (row.Step())
            changes.Add(ReadChange(connection, rows, row));
        row.Reset();
        return changes;
    }

    /// <summary>
    /// Reads a change. A row that was removed meanwhile is a removed one, such as an expired handled id.
    /// </summary>
    private RecordedChange ReadChange(Connection connection, MovedRows rows, Statement row)
    {
        var (number, position) = (row.GetInt64(0), row.GetInt64(5));
        switch (row.GetText(1))
        {
            case "claims":
                var scope = names.Get(connection, row.GetInt64(2));
                var isReleased = row.IsNull(4);
                var claim = new MovedRow(
                    isReleased ? [scope, row.GetText(3)] : [scope, row.GetText(3), row.GetText(4)]);
                return new RecordedChange(number, position, MovedTables.Claims, claim, isReleased);
            case "handled":
                var id = new MovedRow([names.Get(connection, row.GetInt64(2)), row.GetText(3)]);
                return Found(number, position, MovedTables.Handled, id, rows.Find(MovedTables.Handled, id));
            case "removals":
                var removal = new MovedRow([row.GetInt64(2)]);
                return Found(number, position, MovedTables.Removals, removal, rows.Find(MovedTables.Removals, removal));
            default:
                var bounds = new MovedRow([row.GetText(2), row.GetInt64(3), row.GetInt64(4)]);
                return new RecordedChange(number, position, MovedTables.StreamBounds, bounds, IsRemoved: false);
        }
    }

    private static RecordedChange Found(long number, long position, MovedTable table, MovedRow key, MovedRow? found) =>
        new(number, position, table, found ?? key, IsRemoved: found is null);
}
