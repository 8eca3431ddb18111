using Millrace.Sqlite.Backups;
using Millrace.Sqlite.Connections;
using Millrace.Sqlite.DeadLettering;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Documents;

/// <summary>
/// Stores documents in SQLite: a table for each collection, with a column and an index for each field.
/// </summary>
internal sealed class SqliteDocuments(Writer writer, ReaderPool readers, Collections collections) : IDocumentStorage
{
    private const string ResetCheckpoint =
        "UPDATE consumers SET checkpoint = 0, holder = NULL, held_since = NULL, lease_epoch = lease_epoch + 1 WHERE "
            + "consumer = ?1";

    public async ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(collection);
        var exists = await readers
            .Read(
                static (connection, state) =>
                    state.collections.Find(connection, state.collection.Name)?.Definition.IsStoredAs(state.collection)
                    == true,
                (collections, collection),
                cancellationToken)
            .ConfigureAwait(false);
        return exists
            || await writer
                .WriteOutsideQueue(
                    static (connection, state) =>
                    {
                        var isSame = state.collections.Ensure(connection, state.collection);
                        ChangeTriggers.AddCollection(
                            connection, state.collections.Get(connection, state.collection.Name));
                        if (isSame)
                            return true;
                        ResetConsumer(connection, state.collection.Name);
                        return false;
                    },
                    (collections, collection),
                    cancellationToken)
                .ConfigureAwait(false);
    }

    public ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken) =>
        readers.Read(
            static (connection, state) =>
                DocumentQueries.Find(connection, state.collections.Get(connection, state.collection), state.key),
            (collections, collection, key),
            cancellationToken);

    public async ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return await readers.Read(
            static (connection, state) =>
            {
                var collection = state.collections.Get(connection, state.collection);
                var found = new List<Document>(state.keys.Count);
                foreach (var key in state.keys.Distinct(StringComparer.Ordinal))
                {
                    if (DocumentQueries.Find(connection, collection, key) is { } document)
                        found.Add(document);
                }
                return found;
            },
            (collections, collection, keys),
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return readers.Read(
            static (connection, state) =>
                DocumentQueries.Read(
                    connection, state.collections.Get(connection, state.query.Collection), state.query),
            (collections, query),
            cancellationToken);
    }

    public ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        return readers.Read(
            static (connection, state) =>
                DocumentQueries.Count(
                    connection, state.collections.Get(connection, state.collection), state.conditions),
            (collections, collection, conditions),
            cancellationToken);
    }

    public async ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken) =>
        await readers
            .Read(
                static (connection, _) =>
                    Collections
                        .List(connection)
                        .ConvertAll(collection => new CollectionInfo(
                            collection.Definition, DocumentQueries.Count(connection, collection, []))),
                0,
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<CollectionDefinition>> ListDefinitions(
        CancellationToken cancellationToken) =>
        await readers
            .Read(
                static (connection, _) =>
                    Collections.List(connection).ConvertAll(static collection => collection.Definition),
                0,
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken) =>
        await writer
            .WriteOutsideQueue(
                static (connection, state) =>
                {
                    connection.Get(state.collections.Get(connection, state.collection).Clear).Run();
                    if (state.consumer is null)
                        return 0;
                    ResetConsumer(connection, state.consumer);
                    return 0;
                },
                (collections, collection, consumer),
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken) =>
        await writer.WriteOutsideQueue(
            static (connection, state) =>
            {
                if (ReadModelTable.IsUsed(connection, state.collection, state.now))
                    return false;
                state.collections.Drop(connection, state.collection);
                DeadLetterTable.RemoveOpen(connection, state.collection, 0);
                ReadModelTable.Remove(connection, state.collection);
                return true;
            },
            (collections, collection, now),
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken) =>
        await readers
            .Read(static (connection, _) => ReadModelTable.List(connection), 0, cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<bool> PutReadModel(
        ReadModelRecord record, string? reached, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        return await writer.WriteOutsideQueue(
            static (connection, state) => ReadModelTable.Put(connection, state.record, state.reached),
            (record, reached),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Resets a consumer whose documents were removed.</summary>
    private static void ResetConsumer(Connection connection, string consumer)
    {
        DeadLetterTable.RemoveOpen(connection, consumer, 0);
        connection.Get(ResetCheckpoint).Bind(1, consumer).Run();
    }
}
