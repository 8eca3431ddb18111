using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql;

/// <summary>A dead letter as a row: its columns, and how they are bound and read.</summary>
internal static class DeadLetterRow
{
    /// <summary>Everything but the number.</summary>
    public const string Content = """
        revision, consumer, partition, position, key, stream, version, event_type, event_id, state, attempts, retry_at, class, cause,
        error_type, message, stack, first_failed_at, last_failed_at, edited_payload, decision, decided_by, reason, decided_at
        """;

    public const string Columns = "id, " + Content;

    /// <summary>How many parameters <see cref="Bind"/> adds.</summary>
    public const int ContentColumns = 24;

    /// <summary>The columns without the texts that may be long.</summary>
    public static readonly string BriefColumns = Columns.Replace(
        "message, stack,", "NULL::text, NULL::text,", StringComparison.Ordinal);

    /// <summary>Binds everything but the number, with the next revision.</summary>
    public static void Bind(NpgsqlBatchCommand command, DeadLetter letter) => command
        .With(letter.Revision + 1)
        .With(letter.Consumer)
        .With(letter.Partition)
        .With(letter.Position)
        .With(StoredText.Check(letter.Key))
        .With(letter.Stream.Value)
        .With(letter.Version)
        .With(letter.EventType)
        .With(letter.EventId)
        .With((short)letter.State)
        .With(letter.Attempts)
        .With(letter.RetryAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
        .With((short?)letter.Class, NpgsqlDbType.Smallint)
        .With(StoredText.Escape(letter.Cause), NpgsqlDbType.Text)
        .With(StoredText.Escape(letter.ErrorType), NpgsqlDbType.Text)
        .With(StoredText.Escape(letter.Message), NpgsqlDbType.Text)
        .With(StoredText.Escape(letter.Stack), NpgsqlDbType.Text)
        .With(letter.FirstFailedAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
        .With(letter.LastFailedAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
        .With(letter.EditedPayload?.ToArray(), NpgsqlDbType.Bytea)
        .With((short?)letter.Decision, NpgsqlDbType.Smallint)
        .With(StoredText.Escape(letter.By), NpgsqlDbType.Text)
        .With(StoredText.Escape(letter.Reason), NpgsqlDbType.Text)
        .With(letter.DecidedAt?.UtcDateTime, NpgsqlDbType.TimestampTz);

    /// <summary>Reads the row, whose columns from <paramref name="first"/> on are a letter's.</summary>
    public static DeadLetter Read(NpgsqlDataReader row, int first = 0) => new()
    {
        Id = row.GetInt64(first),
        Revision = row.GetInt64(first + 1),
        Consumer = row.GetString(first + 2),
        Partition = row.GetInt32(first + 3),
        Position = row.GetInt64(first + 4),
        Key = row.GetString(first + 5),
        Stream = new StreamId(row.GetString(first + 6)),
        Version = row.GetInt64(first + 7),
        EventType = row.GetString(first + 8),
        EventId = row.GetGuid(first + 9),
        State = (DeadLetterState)row.GetInt16(first + 10),
        Attempts = row.GetInt32(first + 11),
        RetryAt = row.FindTime(first + 12),
        Class = row.IsDBNull(first + 13) ? null : (FailureClass)row.GetInt16(first + 13),
        Cause = StoredText.Unescape(row.FindString(first + 14)),
        ErrorType = StoredText.Unescape(row.FindString(first + 15)),
        Message = StoredText.Unescape(row.FindString(first + 16)),
        Stack = StoredText.Unescape(row.FindString(first + 17)),
        FirstFailedAt = row.FindTime(first + 18),
        LastFailedAt = row.FindTime(first + 19),
        EditedPayload = row.IsDBNull(first + 20) ? (ReadOnlyMemory<byte>?)null : row.GetFieldValue<byte[]>(first + 20),
        Decision = row.IsDBNull(first + 21) ? null : (DeadLetterDecision)row.GetInt16(first + 21),
        By = StoredText.Unescape(row.FindString(first + 22)),
        Reason = StoredText.Unescape(row.FindString(first + 23)),
        DecidedAt = row.FindTime(first + 24),
    };
}
