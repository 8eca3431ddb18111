using Millrace.Backups.Format;
using Millrace.Storage.Moves;

namespace Millrace.Backups;

/// <summary>Reads the rows of an object as they are restored.</summary>
internal static class RestoredRows
{
    private const int Holder = 2; // The columns of MovedTables.Consumers.
    private const int LeaseUntil = 4;

    public static List<MovedRow> Read(ReadOnlyMemory<byte> content, MovedTable table, long count)
    {
        var reader = new ContentReader(content);
        var rows = new List<MovedRow>();
        for (var i = 0L; i < count; i++)
        {
            var row = RowCoder.Read(reader, table, isKey: false);
            rows.Add(table == MovedTables.Consumers ? WithoutLease(row) : row);
        }
        return reader.IsAtEnd ? rows : throw new BackupFormatException("it contains more rows than it says");
    }

    /// <summary>Nodes of the lost store hold no lease of the restored one.</summary>
    private static MovedRow WithoutLease(MovedRow row)
    {
        var values = row.Values.ToArray();
        values[Holder] = null;
        values[LeaseUntil] = 0L;
        return new MovedRow(values);
    }
}
