using Millrace.Sqlite.Connections;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Names;
using Millrace.Storage;

namespace Millrace.Sqlite.Log;

/// <summary>Reads and writes the log in SQLite.</summary>
internal sealed class SqliteLog(
    Writer writer,
    ReaderPool readers,
    LogChanges changes,
    CommitApplier applier,
    StreamQueries streams,
    LogQueries queries,
    AuxiliaryTables auxiliary,
    TimeProvider time)
    : ILogStorage
{
    private const string FindHead = "SELECT epoch, (SELECT max(position) FROM events) FROM header";

    public bool CommitsOnCallingThread => true;

    public static LogHead ReadHead(Connection connection)
    {
        var statement = connection.Get(FindHead);
        var head = statement.Step()
            ? new LogHead(statement.GetInt64(0), statement.GetInt64(1))
            : throw NoHeader(connection);
        statement.Reset();
        return head;
    }

    public ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        ValueTask.FromResult(writer.Write(
            static (connection, state) => state.applier.Run(state.writer, connection, state.batch, state.now),
            (applier, writer, batch, now),
            static (connection, state, outcomes) => InDoubtCheck.IsCommitted(connection, state.batch, outcomes),
            cancellationToken));

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) =>
        readers.Read(static (connection, _) => ReadHead(connection), 0, cancellationToken);

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        changes.Wait(seen, cancellationToken);

    public ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) => readers.Read(
        static (connection, state) => state.streams.Read(connection, state.query), (streams, query), cancellationToken);

    public ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) => readers.Read(
        static (connection, state) => state.queries.Read(connection, state.query), (queries, query), cancellationToken);

    public async ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken)
    {
        await ResolveInDoubt(cancellationToken).ConfigureAwait(false);
        return await readers
            .Read(
                static (connection, state) => state.streams.Find(connection, state.id),
                (streams, id),
                cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken)
    {
        await ResolveInDoubt(cancellationToken).ConfigureAwait(false);
        return await readers.Read(
            static (connection, state) => state.streams.Find(connection, state.stream, state.id),
            (streams, stream, id),
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        readers.Read(
            static (connection, state) => state.queries.Count(connection, state.filter),
            (queries, filter),
            cancellationToken);

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) => readers.Read(
        static (connection, stream) => StreamTable.Find(connection, stream).Head, stream, cancellationToken);

    public async ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken) =>
        await readers.Read(
            static (connection, state) => StreamQueries.List(connection, state.prefix, state.after, state.limit),
            (prefix, after, limit),
            cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<string>> ListEventTypes(CancellationToken cancellationToken)
    {
        await ResolveInDoubt(cancellationToken).ConfigureAwait(false);
        return await readers.Read(
            static (connection, _) => EventTypeQuery.List(connection), 0, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        readers.Read(
            static (connection, state) => state.auxiliary.FindClaim(connection, state.scope, state.value),
            (auxiliary, scope, value),
            cancellationToken);

    public async ValueTask<IReadOnlyList<StoredClaim>?> ListClaims(
        string scope, string? after, int limit, CancellationToken cancellationToken) =>
        await readers.Read(
            static (connection, state) => state.auxiliary.ListClaims(
                connection, state.scope, state.after, state.limit),
            (auxiliary, scope, after, limit),
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken)
    {
        await ResolveInDoubt(cancellationToken).ConfigureAwait(false);
        return await readers.Read(
            static (connection, state) => state.auxiliary.FindHandled(connection, state.scope, state.id, state.now),
            (auxiliary, scope, id, now: time.GetUtcNow()),
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<HandledRecord>?> ListHandled(
        HandledRecord? after, int limit, CancellationToken cancellationToken)
    {
        await ResolveInDoubt(cancellationToken).ConfigureAwait(false);
        return await readers.Read(
            static (connection, state) =>
                state.auxiliary.ListHandled(connection, state.after, state.limit, state.now),
            (auxiliary, after, limit, now: time.GetUtcNow()),
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken) =>
        await readers
            .Read(
                static (connection, state) => state.streams.Removals(connection, state.stream),
                (streams, stream),
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        await readers
            .Read(
                static (connection, state) => state.streams.Removals(connection, state.after, state.limit),
                (streams, after, limit),
                cancellationToken)
            .ConfigureAwait(false);

    private static StorageException NoHeader(Connection connection) =>
        new(
            $"SQLite store '{connection.Path}' has no header. The file is damaged: restore a backup.",
            StorageProblem.Damaged);

    /// <summary>Waits until the outcome of the last commit is known.</summary>
    private async ValueTask ResolveInDoubt(CancellationToken cancellationToken)
    {
        if (writer.IsUnresolved)
            await writer.WriteOutsideQueue(static (_, _) => 0, 0, cancellationToken).ConfigureAwait(false);
    }
}
