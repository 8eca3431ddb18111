using Millrace.PostgreSql.Backups;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.DeadLettering;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Npgsql;

namespace Millrace.PostgreSql.Documents;

/// <summary>
/// Stores documents in PostgreSQL: a table for each collection, with a column and an index for each field.
/// </summary>
internal sealed class PostgreSqlDocuments(Database database, Collections collections, TimeProvider time)
    : IDocumentStorage
{
    private readonly ReadModelTable _readModels = new(database.Tables, database.Options.Clock == PostgreSqlClock.Node);
    private readonly WholeTextIndexes _wholeTexts = new(database.Tables, time);
    private readonly ChangeTriggers _changes = new(database.Tables);
    private readonly DeadLetterTable _deadLetters = new(database.Tables);
    private readonly string _lockConsumer =
        $"SELECT FROM {database.Tables.Consumers} WHERE consumer = $1 ORDER BY partition FOR UPDATE";
    private readonly string _resetCheckpoint = $"""
        UPDATE {database.Tables.Consumers} SET checkpoint = 0, holder = NULL, held_since = NULL, lease_epoch = lease_epoch + 1
        WHERE consumer = $1
        """;

    /// <summary>The indexes of whole texts that an earlier version built.</summary>
    internal WholeTextIndexes WholeTexts => _wholeTexts;

    public async ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(collection);
        var current = await database.Read(
            static (connection, args, cancel) => args.collections.FindCurrent(connection, args.collection.Name, cancel),
            (collections, collection),
            cancellationToken).ConfigureAwait(false);
        if (current?.Definition.IsStoredAs(collection) == true)
            return true;
        return await database
            .Write(
                static async (connection, args, cancel) =>
                {
                    await Execute(connection.Command(args.self._lockConsumer).With(args.collection.Name), cancel)
                        .ConfigureAwait(false);
                    var isSame = await args.self.Collections
                        .Ensure(connection, args.collection, cancel)
                        .ConfigureAwait(false);
                    await args.self.RecordChanges(connection, args.collection, cancel).ConfigureAwait(false);
                    if (isSame)
                        return true;
                    await args.self.ResetConsumer(connection, args.collection.Name, cancel).ConfigureAwait(false);
                    return false;
                },
                (self: this, collection),
                takesLock: true,
                cancellationToken)
            .ConfigureAwait(false);
    }

    public ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken) => OnCollection(
        collection,
        static (connection, found, key, cancel) => DocumentQueries.Find(connection, found, key, cancel),
        StoredText.Check(key),
        cancellationToken);

    public async ValueTask<DocumentWithProgress?> GetWithProgress(
        string collection, string key, CancellationToken cancellationToken) => await OnCollection(
        collection,
        static (connection, found, key, cancel) => DocumentQueries.FindWithProgress(connection, found, key, cancel),
        StoredText.Check(key),
        cancellationToken).ConfigureAwait(false);

    public ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return OnCollection(
            collection,
            static (connection, found, keys, cancel) => DocumentQueries.FindMany(connection, found, keys, cancel),
            keys,
            cancellationToken);
    }

    public ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return OnCollection(
            query.Collection,
            static (connection, found, args, cancel) =>
                DocumentQueries.Read(connection, found, args.query, args._wholeTexts, cancel),
            (query, _wholeTexts),
            cancellationToken);
    }

    public ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        return OnCollection(
            collection,
            static (connection, found, conditions, cancel) =>
                DocumentQueries.Count(connection, found, conditions, cancel),
            conditions,
            cancellationToken);
    }

    public ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken) =>
        database.Read<Collections, IReadOnlyList<CollectionInfo>>(
        static async (connection, collections, cancel) =>
        {
            var infos = new List<CollectionInfo>();
            foreach (var collection in await collections.List(connection, cancel).ConfigureAwait(false))
            {
                if (await FindCount(connection, collection, cancel).ConfigureAwait(false) is { } count)
                    infos.Add(new CollectionInfo(collection.Definition, count));
            }
            return infos;
        },
        collections,
        cancellationToken);

    public ValueTask<IReadOnlyList<CollectionDefinition>> ListDefinitions(CancellationToken cancellationToken) =>
        database.Read<Collections, IReadOnlyList<CollectionDefinition>>(
            static async (connection, collections, cancel) =>
                (await collections.List(connection, cancel).ConfigureAwait(false))
                    .ConvertAll(static collection => collection.Definition),
            collections,
            cancellationToken);

    public async ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken)
    {
        try
        {
            await Clear(collection, consumer, static found => found.Empty, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException waited) when (PostgreSqlErrors.IsLockWait(waited.InnerException))
        {
            // A long reader, such as a dump, holds the table. Deleting row by row is possible meanwhile, and the reader
            // keeps its snapshot.
            await Clear(collection, consumer, static found => found.Clear, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask Clear(
        string collection,
        string? consumer,
        Func<Collection, string> sql,
        CancellationToken cancellationToken) =>
        await database
            .Write(
                static async (connection, args, cancel) =>
                {
                    var self = args.self;
                    var found =
                        await self.Collections.FindCurrent(connection, args.collection, cancel).ConfigureAwait(false)
                        ?? throw Millrace.PostgreSql.Documents.Collections.Missing(args.collection);
                    // The consumer before the documents, in the order in which its commits take locks.
                    if (args.consumer is not null)
                        await self.ResetConsumer(connection, args.consumer, cancel).ConfigureAwait(false);
                    await Execute(connection.Command(args.sql(found)), cancel).ConfigureAwait(false);
                    return 0;
                },
                (self: this, collection, consumer, sql),
                takesLock: true,
                cancellationToken)
            .ConfigureAwait(false);

    public ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.Write(
            static async (connection, args, cancel) =>
            {
                var self = args.self;
                if (await self._readModels.IsUsed(connection, args.collection, args.now, cancel).ConfigureAwait(false))
                    return false;
                await self._readModels.Remove(connection, args.collection, cancel).ConfigureAwait(false);
                await self._deadLetters.RemoveOpen(connection, args.collection, 0, cancel).ConfigureAwait(false);
                // The statement waits only once for a reader of the table, such as a dump that runs for hours, and only
                // for the short timeout under the log's lock.
                await self.Collections.Drop(connection, args.collection, cancel).ConfigureAwait(false);
                return true;
            },
            (self: this, collection, now),
            takesLock: true,
            cancellationToken,
            triesAgain: false);

    public ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken) =>
        database.Read(
            static (connection, table, cancel) => table.List(connection, cancel), _readModels, cancellationToken);

    public ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        return database.Write(
            static (connection, args, cancel) => args._readModels.Put(connection, args.record, args.reached, cancel),
            (_readModels, record, reached), takesLock: true, cancellationToken);
    }

    private Collections Collections => collections;

    /// <summary>Resets a consumer whose documents were removed.</summary>
    private async ValueTask ResetConsumer(
        NpgsqlConnection connection, string consumer, CancellationToken cancellationToken)
    {
        await Execute(connection.Command(_resetCheckpoint).With(consumer), cancellationToken).ConfigureAwait(false);
        await _deadLetters.RemoveOpen(connection, consumer, 0, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Records the changes of a collection that was just created, if the store is backed up.</summary>
    private async ValueTask RecordChanges(
        NpgsqlConnection connection, CollectionDefinition collection, CancellationToken cancellationToken)
    {
        if (!IChangeRecorder.Records(collection.Name))
            return;
        var query = connection.Command(_changes.RecordsDocuments);
        await using var _ = query.ConfigureAwait(false);
        if (await query.Scalar(false, cancellationToken).ConfigureAwait(false))
            await Execute(connection.Command(_changes.TriggersOf(collection.Name)), cancellationToken)
                .ConfigureAwait(false);
    }

    /// <summary>Returns the number of documents in a collection; null if it was dropped meanwhile.</summary>
    private static async ValueTask<long?> FindCount(
        NpgsqlConnection connection, Collection collection, CancellationToken cancellationToken)
    {
        try
        {
            return await DocumentQueries.Count(connection, collection, [], cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException failure) when (PostgreSqlErrors.IsMissingTable(failure))
        {
            return null;
        }
    }

    private static async ValueTask Execute(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Runs an operation with the cached collection, and repeats it once if the collection was dropped or created again
    /// meanwhile.
    /// </summary>
    public async ValueTask<TResult> OnCollection<TState, TResult>(
        string name,
        Func<NpgsqlConnection, Collection, TState, CancellationToken, ValueTask<TResult>> work,
        TState state,
        CancellationToken cancellationToken) =>
        await database
            .Read(
                static async (connection, args, cancel) =>
                {
                    var known = await args.collections.Get(connection, args.name, cancel).ConfigureAwait(false);
                    try
                    {
                        return await args.work(connection, known, args.state, cancel).ConfigureAwait(false);
                    }
                    catch (PostgresException failure) when (PostgreSqlErrors.IsMissingTable(failure))
                    {
                        var current =
                            await args.collections.FindCurrent(connection, args.name, cancel).ConfigureAwait(false)
                            ?? throw Millrace.PostgreSql.Documents.Collections.Missing(args.name);
                        return await args.work(connection, current, args.state, cancel).ConfigureAwait(false);
                    }
                },
                (collections, name, work, state),
                cancellationToken)
            .ConfigureAwait(false);
}
