using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Deletes, truncates and tombstones streams, each with one statement that also writes the removal record.
/// </summary>
internal sealed class RemovalWrites(Tables tables)
{
    private readonly string _reopen = $"UPDATE {tables.StreamBounds} SET state = 0 WHERE stream = $1";

    /// <summary>
    /// $1 stream, $2 the first version whose event stays, $3 the first version that can be read, $4 state, $5 kind, $6
    /// reason, $7 by, $8 at. A truncation without matching events changes nothing.
    /// </summary>
    private readonly string _deleteAndRecord = $"""
        WITH gone AS (DELETE FROM {tables.Events} WHERE stream = $1 AND version < $2 RETURNING version),
        counted AS (SELECT count(*) AS events, coalesce(min(version), $2) AS first FROM gone),
        recorded AS (
            INSERT INTO {tables.Removals} (stream, kind, from_version, to_version, events, reason, removed_by, removed_at)
            SELECT $1, $5, first, $2 - 1, events, $6, $7, $8 FROM counted WHERE events > 0 OR $4 <> 0 RETURNING 1)
        INSERT INTO {tables.StreamBounds} (stream, first_version, state) SELECT $1, $3, $4 FROM recorded
        ON CONFLICT (stream) DO UPDATE SET first_version = excluded.first_version, state = excluded.state
        """;

    private readonly string _recordRemoval = $"""
        WITH recorded AS (
            INSERT INTO {tables.Removals} (stream, kind, from_version, to_version, events, reason, removed_by, removed_at)
            VALUES ($1, $5, $2, $3 - 1, 0, $6, $7, $8) RETURNING 1)
        INSERT INTO {tables.StreamBounds} (stream, first_version, state) SELECT $1, $3, $4 FROM recorded
        ON CONFLICT (stream) DO UPDATE SET first_version = excluded.first_version, state = excluded.state
        """;

    /// <summary>Adds a removal, and returns the resulting head of the stream.</summary>
    public StreamHead Add(NpgsqlBatch target, StreamRemoval removal, StreamHead head, DateTimeOffset at)
    {
        var (sql, boundary, after) = removal.Kind switch
        {
            RemovalKind.Delete => (
                _recordRemoval, head.FirstVersion, new StreamHead(head.Version, head.Version + 1, StreamState.Deleted)),
            RemovalKind.Truncate => (
                _deleteAndRecord,
                removal.Before,
                head with
                {
                    FirstVersion = Math.Max(head.FirstVersion, removal.Before),
                }
            ),
            _ => (_deleteAndRecord, head.Version, new StreamHead(head.Version, head.Version + 1, StreamState.Closed)),
        };
        target.Add(sql).With(removal.Stream.Value).With(boundary).With(after.FirstVersion).With((short)after.State)
            .With((short)removal.Kind).With(StoredText.Escape(removal.Reason)!) // Not null.
            .With(StoredText.Escape(removal.By), NpgsqlDbType.Text).With(at.UtcDateTime);
        return after;
    }

    /// <summary>Adds the statement that reopens a deleted stream.</summary>
    public void AddReopening(NpgsqlBatch target, StreamId stream) => target.Add(_reopen).With(stream.Value);
}
