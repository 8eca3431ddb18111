using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.DeadLettering;

/// <summary>Maps a dead letter to a row: its columns, their parameters and how they are read.</summary>
internal static class DeadLetterRow
{
    public const string Columns = """
        id, revision, consumer, partition, position, key, stream, version, event_type, event_id, state, attempts, retry_at, class, cause,
        error_type, message, stack, first_failed_at, last_failed_at, edited_payload, decision, decided_by, reason, decided_at
        """;

    /// <summary>The columns without the texts that may be long.</summary>
    public static readonly string BriefColumns = Columns.Replace(
        "message, stack,", "NULL, NULL,", StringComparison.Ordinal);

    /// <summary>Binds all columns except the id from parameter 2 on, which is the next revision.</summary>
    public static void Bind(Statement statement, DeadLetter deadLetter)
    {
        statement.Bind(2, deadLetter.Revision + 1)
            .Bind(3, deadLetter.Consumer)
            .Bind(4, deadLetter.Partition)
            .Bind(5, deadLetter.Position)
            .Bind(6, deadLetter.Key)
            .Bind(7, deadLetter.Stream.Value)
            .Bind(8, deadLetter.Version)
            .Bind(9, deadLetter.EventType)
            .Bind(10, deadLetter.EventId)
            .Bind(11, (long)deadLetter.State)
            .Bind(12, deadLetter.Attempts);
        BindTime(statement, 13, deadLetter.RetryAt);
        BindNumber(statement, 14, (long?)deadLetter.Class);
        statement.Bind(15, deadLetter.Cause).Bind(16, deadLetter.ErrorType).Bind(17, deadLetter.Message);
        statement.Bind(18, deadLetter.Stack);
        BindTime(statement, 19, deadLetter.FirstFailedAt);
        BindTime(statement, 20, deadLetter.LastFailedAt);
        _ = deadLetter.EditedPayload is { } payload ? statement.Bind(21, payload.Span) : statement.BindNull(21);
        BindNumber(statement, 22, (long?)deadLetter.Decision);
        statement.Bind(23, deadLetter.User).Bind(24, deadLetter.Reason);
        BindTime(statement, 25, deadLetter.DecidedAt);
    }

    /// <summary>
    /// Reads a dead letter from the current row of a statement. Its columns start at <paramref name="first"/>.
    /// </summary>
    public static DeadLetter Read(Statement row, int first = 0) => new()
    {
        Id = row.GetInt64(first),
        Revision = row.GetInt64(first + 1),
        Consumer = row.GetText(first + 2),
        Partition = (int)row.GetInt64(first + 3),
        Position = row.GetInt64(first + 4),
        Key = row.GetText(first + 5),
        Stream = new StreamId(row.GetText(first + 6)),
        Version = row.GetInt64(first + 7),
        EventType = row.GetText(first + 8),
        EventId = row.GetGuid(first + 9),
        State = (DeadLetterState)row.GetInt64(first + 10),
        Attempts = (int)row.GetInt64(first + 11),
        RetryAt = ReadTime(row, first + 12),
        Class = row.IsNull(first + 13) ? null : (FailureClass)row.GetInt64(first + 13),
        Cause = row.FindText(first + 14),
        ErrorType = row.FindText(first + 15),
        Message = row.FindText(first + 16),
        Stack = row.FindText(first + 17),
        FirstFailedAt = ReadTime(row, first + 18),
        LastFailedAt = ReadTime(row, first + 19),
        EditedPayload = row.IsNull(first + 20) ? (ReadOnlyMemory<byte>?)null : row.GetBytes(first + 20).ToArray(),
        Decision = row.IsNull(first + 21) ? null : (DeadLetterDecision)row.GetInt64(first + 21),
        User = row.FindText(first + 22),
        Reason = row.FindText(first + 23),
        DecidedAt = ReadTime(row, first + 24),
    };

    public static DateTimeOffset? ReadTime(Statement row, int column) =>
        row.IsNull(column) ? null : StoredTime.FromMicroseconds(row.GetInt64(column));

    private static void BindTime(Statement statement, int index, DateTimeOffset? time) =>
        BindNumber(statement, index, time is { } value ? StoredTime.ToMicroseconds(value) : null);

    private static void BindNumber(Statement statement, int index, long? number) =>
        _ = number is { } value ? statement.Bind(index, value) : statement.BindNull(index);
}
