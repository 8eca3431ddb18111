using Millrace.PostgreSql.Connections;
using Millrace.Storage;

namespace Millrace.PostgreSql.DeadLettering;

/// <summary>Reads and writes dead letters in PostgreSQL.</summary>
internal sealed class PostgreSqlDeadLetters(Database database) : IDeadLetterStorage
{
    private readonly DeadLetterTable _deadLetters = new(database.Tables);

    public ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken) =>
        database.Read(
            static (connection, ask, cancel) => ask._deadLetters.Get(connection, ask.id, cancel),
            (_deadLetters, id),
            cancellationToken);

    public ValueTask<DeadLetter?> Find(
        string consumer,
        int partition,
        long position,
        string key,
        CancellationToken cancellationToken) =>
        database.Read(
            static (connection, ask, cancel) =>
                ask._deadLetters.Find(connection, ask.consumer, ask.partition, ask.position, ask.key, cancel),
            (_deadLetters, consumer, partition, position, key),
            cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> List(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return database.Read(
            static (connection, ask, cancel) => ask._deadLetters.List(connection, ask.query, cancel),
            (_deadLetters, query),
            cancellationToken);
    }

    public ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return database.Read(
            static (connection, ask, cancel) => ask._deadLetters.Count(connection, ask.query, cancel),
            (_deadLetters, query),
            cancellationToken);
    }

    public ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer, int limit, CancellationToken cancellationToken) =>
        database.Read(
            static (connection, ask, cancel) =>
                ask._deadLetters.ListGroups(connection, ask.consumer, ask.limit, cancel),
            (_deadLetters, consumer, limit),
            cancellationToken);
}
