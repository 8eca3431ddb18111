using Millrace.PostgreSql.Connections;
using Millrace.Storage;

namespace Millrace.PostgreSql.DeadLettering;

/// <summary>Reads and writes dead letters in PostgreSQL.</summary>
internal sealed class PostgreSqlDeadLetters(Database database) : IDeadLetterStorage
{
    private readonly DeadLetterTable _deadLetters = new(database.Tables);

    public ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken) =>
        database.Read(
            static (connection, args, cancel) => args._deadLetters.Get(connection, args.id, cancel),
            (_deadLetters, id),
            cancellationToken);

    public ValueTask<DeadLetter?> Find(
        string consumer,
        int partition,
        long position,
        string key,
        CancellationToken cancellationToken) =>
        database.Read(
            static (connection, args, cancel) =>
                args._deadLetters.Find(connection, args.consumer, args.partition, args.position, args.key, cancel),
            (_deadLetters, consumer, partition, position, key),
            cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> List(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return database.Read(
            static (connection, args, cancel) => args._deadLetters.List(connection, args.query, cancel),
            (_deadLetters, query),
            cancellationToken);
    }

    public ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return database.Read(
            static (connection, args, cancel) => args._deadLetters.Count(connection, args.query, cancel),
            (_deadLetters, query),
            cancellationToken);
    }

    public ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer, int limit, CancellationToken cancellationToken) =>
        database.Read(
            static (connection, args, cancel) =>
                args._deadLetters.ListGroups(connection, args.consumer, args.limit, cancel),
            (_deadLetters, consumer, limit),
            cancellationToken);
}
