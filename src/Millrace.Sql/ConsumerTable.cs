using DuckDB.NET.Data;
using Millrace.Storage;

namespace Millrace.Sql;

/// <summary>The view of consumers, with a row for each partition.</summary>
internal static class ConsumerTable
{
    private static readonly TableColumn[] Columns =
    [
        new("name", "VARCHAR"),
        new("partition", "INTEGER"),
        new("partitions", "INTEGER"),
        new("checkpoint", "BIGINT"),
        new("lag", "BIGINT"),
        new("state", "VARCHAR"),
        new("state_since", "TIMESTAMPTZ"),
        new("is_paused", "BOOLEAN"),
        new("node", "VARCHAR"),
        new("node_since", "TIMESTAMPTZ"),
        new("open_dead_letters", "BIGINT"),
        new("error", "VARCHAR"),
        new("reported_at", "TIMESTAMPTZ"),
    ];

    /// <summary>Creates the view without rows.</summary>
    public static void Create(SqlSession session, SqlView view)
    {
        using var writer = new TableWriter(session, view.Name, Columns, hasMembers: false);
        writer.Finish();
    }

    public static async Task Load(
        SqlSource source, SqlSession session, SqlView view, long head, CancellationToken cancellationToken)
    {
        var consumers = await source.ListConsumers(cancellationToken).ConfigureAwait(false);
        using var writer = new TableWriter(session, view.Name, Columns, hasMembers: false);
        foreach (var record in consumers)
            writer.Add((record, head), Append);
        writer.Finish();
    }

    private static void Append(IDuckDBAppenderRow row, (ConsumerRecord Record, long Head) item)
    {
        var record = item.Record;
        row.AppendValue(record.Consumer)
            .AppendValue(record.Partition)
            .AppendValue(record.Partitions)
            .AppendValue(record.Checkpoint)
            .AppendValue(record.Checkpoint is { } done ? Math.Max(0, item.Head - done) : null)
            .AppendValue(record.State)
            .AppendValue(record.StateSince)
            .AppendValue(record.IsPaused)
            .AppendValue(record.Holder)
            .AppendValue(record.HeldSince)
            .AppendValue(record.OpenDeadLetters)
            .AppendValue(record.Error)
            .AppendValue(record.ReportedAt);
    }
}
