using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.DeadLettering;

/// <summary>Maps a dead letter to a row: its columns, their parameters and how they are read.</summary>
internal static class DeadLetterRow
{
    /// <summary>All columns except the id.</summary>
    public const string Content = """
        revision, consumer, partition, position, key, stream, version, event_type, event_id, state, attempts, retry_at, class, cause,
        error_type, message, stack, first_failed_at, last_failed_at, edited_payload, decision, decided_by, reason, decided_at
        """;

    public const string Columns = "id, " + Content;

    /// <summary>The number of parameters that <see cref="Bind"/> adds.</summary>
    public const int ContentColumns = 24;

    /// <summary>The columns without the texts that may be long.</summary>
    public static readonly string BriefColumns = Columns.Replace(
        "message, stack,", "NULL::text, NULL::text,", StringComparison.Ordinal);

    /// <summary>Binds all columns except the id, with the next revision.</summary>
    public static void Bind(NpgsqlBatchCommand command, DeadLetter deadLetter) => command
        .With(deadLetter.Revision + 1)
        .With(deadLetter.Consumer)
        .With(deadLetter.Partition)
        .With(deadLetter.Position)
        .With(StoredText.Check(deadLetter.Key))
        .With(deadLetter.Stream.Value)
        .With(deadLetter.Version)
        .With(deadLetter.EventType)
        .With(deadLetter.EventId)
        .With((short)deadLetter.State)
        .With(deadLetter.Attempts)
        .With(deadLetter.RetryAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
        .With((short?)deadLetter.Class, NpgsqlDbType.Smallint)
        .With(StoredText.Escape(deadLetter.Cause), NpgsqlDbType.Text)
        .With(StoredText.Escape(deadLetter.ErrorType), NpgsqlDbType.Text)
        .With(StoredText.Escape(deadLetter.Message), NpgsqlDbType.Text)
        .With(StoredText.Escape(deadLetter.Stack), NpgsqlDbType.Text)
        .With(deadLetter.FirstFailedAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
        .With(deadLetter.LastFailedAt?.UtcDateTime, NpgsqlDbType.TimestampTz)
        .With(deadLetter.EditedPayload?.ToArray(), NpgsqlDbType.Bytea)
        .With((short?)deadLetter.Decision, NpgsqlDbType.Smallint)
        .With(StoredText.Escape(deadLetter.User), NpgsqlDbType.Text)
        .With(StoredText.Escape(deadLetter.Reason), NpgsqlDbType.Text)
        .With(deadLetter.DecidedAt?.UtcDateTime, NpgsqlDbType.TimestampTz);

    /// <summary>Reads a dead letter from the columns that start at <paramref name="first"/>.</summary>
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
        User = StoredText.Unescape(row.FindString(first + 22)),
        Reason = StoredText.Unescape(row.FindString(first + 23)),
        DecidedAt = row.FindTime(first + 24),
    };
}
