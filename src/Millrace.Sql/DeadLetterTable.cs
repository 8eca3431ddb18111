using DuckDB.NET.Data;
using Millrace.Storage;

namespace Millrace.Sql;

/// <summary>The view of dead letters.</summary>
internal static class DeadLetterTable
{
    private static readonly TableColumn[] Columns =
    [
        new("id", "BIGINT"),
        new("consumer", "VARCHAR"),
        new("partition", "INTEGER"),
        new("position", "BIGINT"),
        new("key", "VARCHAR"),
        new("stream", "VARCHAR"),
        new("version", "BIGINT"),
        new("event_type", "VARCHAR"),
        new("event_id", "UUID"),
        new("state", "VARCHAR"),
        new("is_open", "BOOLEAN"),
        new("attempts", "INTEGER"),
        new("retry_at", "TIMESTAMPTZ"),
        new("class", "VARCHAR"),
        new("cause", "VARCHAR"),
        new("error_type", "VARCHAR"),
        new("message", "VARCHAR"),
        new("first_failed_at", "TIMESTAMPTZ"),
        new("last_failed_at", "TIMESTAMPTZ"),
        new("decision", "VARCHAR"),
        new("user_id", "VARCHAR"),
        new("reason", "VARCHAR"),
        new("decided_at", "TIMESTAMPTZ"),
    ];

    /// <summary>Creates the view without rows.</summary>
    public static void Create(SqlSession session, SqlView view)
    {
        using var writer = new TableWriter(session, view.Name, Columns, hasMembers: false);
        writer.Finish();
    }

    public static async Task Load(
        SqlSource source, SqlSession session, SqlView view, CancellationToken cancellationToken)
    {
        using var writer = new TableWriter(session, view.Name, Columns, hasMembers: false);
        var last = 0L;
        while (await source.ReadDeadLetters(last, cancellationToken).ConfigureAwait(false) is { Count: > 0 } page)
        {
            foreach (var letter in page)
                writer.Add(letter, Append);
            last = page[^1].Id;
        }
        writer.Finish();
    }

    private static void Append(IDuckDBAppenderRow row, DeadLetter letter) =>
        row.AppendValue(letter.Id)
            .AppendValue(letter.Consumer)
            .AppendValue(letter.Partition)
            .AppendValue(letter.Position)
            .AppendValue(letter.Key)
            .AppendValue(letter.Stream.Value)
            .AppendValue(letter.Version)
            .AppendValue(letter.EventType)
            .AppendValue(letter.EventId)
            .AppendValue(letter.State.ToString())
            .AppendValue(letter.IsOpen)
            .AppendValue(letter.Attempts)
            .AppendValue(letter.RetryAt)
            .AppendValue(letter.Class?.ToString())
            .AppendValue(letter.Cause)
            .AppendValue(letter.ErrorType)
            .AppendValue(letter.Message)
            .AppendValue(letter.FirstFailedAt)
            .AppendValue(letter.LastFailedAt)
            .AppendValue(letter.Decision?.ToString())
            .AppendValue(letter.User)
            .AppendValue(letter.Reason)
            .AppendValue(letter.DecidedAt);
}
