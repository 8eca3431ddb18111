using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>Reads and writes the log in PostgreSQL.</summary>
internal sealed class PostgreSqlLog(
    Database database,
    LogWriter writer,
    InDoubtCommits inDoubt,
    LongTextIndexes longTexts,
    LogChanges changes,
    LogQueries queries,
    LogCopyPool copies,
    StreamQueries streams,
    StreamReads reads,
    TimeProvider time) : ILogStorage
{
    private readonly string _listClaims =
        $"SELECT value, owner FROM {database.Tables.Claims} WHERE scope = $1 AND ($2 IS NULL OR value > $2) "
            + "ORDER BY value LIMIT $3";

    // The number of steps depends only on the number of types.
    private readonly string _listTypes = $"""
        WITH RECURSIVE used(type) AS (
            (SELECT type FROM {database.Tables.Events} ORDER BY type LIMIT 1)
            UNION ALL
            SELECT (SELECT e.type FROM {database.Tables.Events} e WHERE e.type > used.type ORDER BY e.type LIMIT 1)
            FROM used WHERE used.type IS NOT NULL)
        SELECT type FROM used WHERE type IS NOT NULL ORDER BY type
        """;

    private readonly string _findClaim = $"SELECT owner FROM {database.Tables.Claims} WHERE scope = $1 AND value = $2";
    private readonly string _findHandled = $"""
        SELECT answer, position FROM {database.Tables.Handled} WHERE scope = $1 AND id = $2 AND until > coalesce($3, clock_timestamp())
        """;

    private readonly string _listHandled = $"""
        SELECT scope, id, answer, position, until FROM {database.Tables.Handled}
        WHERE (scope, id) > ($1, $2) AND until > coalesce($3, clock_timestamp()) AND length(answer) > 0
        ORDER BY scope, id LIMIT $4
        """;

    public bool CommitsOnCallingThread => false;

    public async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        CommitOutcome[] outcomes;
        try
        {
            outcomes = await writer.Commit(batch, now, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException refused) when (LongTextIndexes.MayHaveRefused(refused))
        {
            if (await longTexts.Replace(refused, batch, cancellationToken).ConfigureAwait(false) is { } failure)
                throw failure;
            // Nothing was written, and the index that refused the text may be replaced by now.
            outcomes = await writer.Commit(batch, now, cancellationToken).ConfigureAwait(false);
        }
        var last = 0L;
        foreach (var outcome in outcomes)
        {
            if (outcome.Result == CommitResult.Committed && outcome.Placements.Count > 0)
                last = outcome.Position;
        }
        if (last > 0)
            changes.Written(last);
        return outcomes;
    }

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) => database.Read(
        static (connection, queries, cancel) => queries.ReadHead(connection, cancel), queries, cancellationToken);

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken)
    {
        database.CheckOpen();
        return changes.Wait(seen, cancellationToken);
    }

    public ValueTask<LogUpdate> ReadUpdate(LogHead seen, int limit, CancellationToken cancellationToken) =>
        database.Read(
            static (connection, args, cancel) => args.queries.ReadUpdate(connection, args.seen, args.limit, cancel),
            (queries, seen, limit),
            cancellationToken);

    public ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        reads.Read(query, cancellationToken);

    public ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) =>
        database.Read(
            static (connection, args, cancel) => args.queries.Read(connection, args.query, cancel),
            (queries, query),
            cancellationToken);

    public IEventPages ReadPages(LogPageQuery first)
    {
        ArgumentNullException.ThrowIfNull(first.Filter, nameof(first));
        return copies.PagesOf(this, first);
    }

    public async ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken)
    {
        await inDoubt.AwaitResolved(cancellationToken).ConfigureAwait(false);
        return await database
            .Read(
                static (connection, args, cancel) => args.streams.Find(connection, args.id, cancel),
                (streams, id),
                cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken)
    {
        await inDoubt.AwaitResolved(cancellationToken).ConfigureAwait(false);
        return await database.Read(
            static (connection, args, cancel) => args.streams.Find(connection, args.stream, args.id, cancel),
            (streams, stream, id),
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return database.Read(
            static (connection, args, cancel) => args.queries.Count(connection, args.filter, cancel),
            (queries, filter),
            cancellationToken);
    }

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        database.Read(
            static (connection, args, cancel) => args.streams.GetHead(connection, args.stream, cancel),
            (streams, stream),
            cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return database.Read(
            static (connection, args, cancel) => args.streams.List(
                connection, args.prefix, args.after, args.limit, cancel),
            (streams, prefix, after, limit),
            cancellationToken);
    }

    public ValueTask<IReadOnlyList<string>> ListEventTypes(CancellationToken cancellationToken) =>
        database.Read<string, IReadOnlyList<string>>(
            static async (connection, sql, cancel) =>
            {
                var command = connection.Command(sql);
                await using var _ = command.ConfigureAwait(false);
                var row = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
                await using var __ = row.ConfigureAwait(false);
                var types = new List<string>();
                while (await row.ReadAsync(cancel).ConfigureAwait(false))
                    types.Add(row.GetString(0));
                return types;
            },
            _listTypes,
            cancellationToken);

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        database.Read(
            static async (connection, args, cancel) =>
            {
                var command = connection.Command(args._findClaim).With(args.scope).With(args.value);
                await using var _ = command.ConfigureAwait(false);
                return await command.Scalar<string?>(null, cancel).ConfigureAwait(false);
            },
            (_findClaim, scope, value),
            cancellationToken);

    public ValueTask<IReadOnlyList<StoredClaim>?> ListClaims(
        string scope, string? after, int limit, CancellationToken cancellationToken) =>
        database.Read<(string Sql, string Scope, string? After, int Limit), IReadOnlyList<StoredClaim>?>(
            static async (connection, args, cancel) =>
            {
                var command = connection.Command(args.Sql).With(args.Scope)
                    .With(args.After, NpgsqlTypes.NpgsqlDbType.Text).With(args.Limit);
                await using var _ = command.ConfigureAwait(false);
                var row = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
                await using var __ = row.ConfigureAwait(false);
                var found = new List<StoredClaim>();
                while (await row.ReadAsync(cancel).ConfigureAwait(false))
                    found.Add(new StoredClaim(row.GetString(0), row.GetString(1)));
                return found;
            },
            (_listClaims, scope, after, limit),
            cancellationToken);

    /// <summary>Gets the time of this node; null if the time of the server counts.</summary>
    private DateTime? NodeTime =>
        database.Options.Clock == PostgreSqlClock.Node ? time.GetUtcNow().UtcDateTime : null;

    public async ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken)
    {
        await inDoubt.AwaitResolved(cancellationToken).ConfigureAwait(false);
        var now = NodeTime;
        return await database.Read(
            static async (connection, args, cancel) =>
            {
                var command = connection.Command(args._findHandled).With(args.scope).With(args.id)
                    .With(args.now, NpgsqlTypes.NpgsqlDbType.TimestampTz);
                await using var _ = command.ConfigureAwait(false);
                var row = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
                await using var __ = row.ConfigureAwait(false);
                return await row.ReadAsync(cancel).ConfigureAwait(false)
                    ? new HandledAnswer(row.GetFieldValue<byte[]>(0), row.GetInt64(1))
                    : null;
            },
            (_findHandled, scope, id, now),
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<HandledRecord>?> ListHandled(
        HandledRecord? after, int limit, CancellationToken cancellationToken)
    {
        await inDoubt.AwaitResolved(cancellationToken).ConfigureAwait(false);
        var now = NodeTime;
        return await database.Read(
            static async (connection, args, cancel) =>
            {
                var command = connection.Command(args._listHandled)
                    .With(args.after?.Scope ?? "")
                    .With(args.after?.Id ?? "")
                    .With(args.now, NpgsqlTypes.NpgsqlDbType.TimestampTz)
                    .With(args.limit);
                await using var _ = command.ConfigureAwait(false);
                var row = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
                await using var __ = row.ConfigureAwait(false);
                var records = new List<HandledRecord>();
                while (await row.ReadAsync(cancel).ConfigureAwait(false))
                    records.Add(new HandledRecord(
                        row.GetString(0),
                        row.GetString(1),
                        new HandledAnswer(row.GetFieldValue<byte[]>(2), row.GetInt64(3)),
                        row.GetTime(4)));
                return (IReadOnlyList<HandledRecord>)records;
            },
            (_listHandled, after, limit, now),
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken) =>
        database.Read(
            static (connection, args, cancel) => args.streams.Removals(connection, args.stream, cancel),
            (streams, stream),
            cancellationToken);

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        database.Read(
            static (connection, args, cancel) => args.streams.Removals(connection, args.after, args.limit, cancel),
            (streams, after, limit),
            cancellationToken);
}
