using Millrace.Sqlite.Connections;
using Millrace.Storage;

namespace Millrace.Sqlite.DeadLettering;

/// <summary>Reads and writes dead letters in SQLite.</summary>
internal sealed class SqliteDeadLetters(ReaderPool readers) : IDeadLetterStorage
{
    public ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken) =>
        readers.Read(DeadLetterTable.Get, id, cancellationToken);

    public ValueTask<DeadLetter?> Find(
        string consumer,
        int partition,
        long position,
        string key,
        CancellationToken cancellationToken) =>
        readers.Read(
            static (connection, args) =>
                DeadLetterTable.Find(connection, args.consumer, args.partition, args.position, args.key),
            (consumer, partition, position, key),
            cancellationToken);

    public async ValueTask<IReadOnlyList<DeadLetter>> List(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return await readers.Read(DeadLetterTable.List, query, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return readers.Read(DeadLetterTable.Count, query, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer, int limit, CancellationToken cancellationToken) => await readers.Read(
        static (connection, args) => DeadLetterTable.ListGroups(connection, args.consumer, args.limit),
        (consumer, limit),
        cancellationToken).ConfigureAwait(false);
}
