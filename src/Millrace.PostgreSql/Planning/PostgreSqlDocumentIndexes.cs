using System.Globalization;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Planning;

/// <summary>Builds indexes of several fields concurrently: reads and writes continue meanwhile.</summary>
internal sealed class PostgreSqlDocumentIndexes(Database database, PostgreSqlDocuments documents, TimeProvider time)
    : IDocumentIndexes
{
    private const string ListIndexes = """
        SELECT c.relname::text, array_agg(a.attname::text ORDER BY k.number) FILTER (WHERE a.attname LIKE 'f%')
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attribute, number)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attribute
        WHERE i.indrelid = to_regclass($1) AND i.indisvalid AND c.relname LIKE 'idx\_%'
        GROUP BY c.relname ORDER BY c.relname
        """;

    private const string Exists =
        "SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = to_regclass($1) AND indexrelid = to_regclass($2))";

    private static readonly TimeSpan CleanupLimit = TimeSpan.FromSeconds(10);

    private readonly IndexBuildLock _lock = new(database, documents, time);

    /// <summary>Gets whether sessions can hold a lock; not behind a pool of statements.</summary>
    public bool CanBuild => database.Options.Prepares;

    public ValueTask<IReadOnlyList<DocumentIndex>> List(string collection, CancellationToken cancellationToken) =>
        documents.OnCollection(
            collection,
            static (connection, found, _, cancel) => List(connection, found, cancel),
            0,
            cancellationToken);

    public ValueTask<bool> Create(string collection, DocumentIndex index, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(index);
        return _lock.Run(
            collection,
            static async (connection, found, state, cancel) =>
            {
                var existing = await List(connection, found, cancel).ConfigureAwait(false);
                if (existing.Any(known => known.Name == state.index.Name))
                    return false;
                var drop = DropSql(found, state.index.Name, state.schema);
                // A node that was killed leaves an invalid index, which a build with IF NOT EXISTS would keep.
                await Execute(connection, drop, cancel).ConfigureAwait(false);
                try
                {
                    await Execute(connection, CreateSql(found, state.index, "CONCURRENTLY "), cancel)
                        .ConfigureAwait(false);
                    await Execute(connection, $"ANALYZE {found.Table}", cancel).ConfigureAwait(false);
                }
                catch
                {
                    await TryDropRemains(connection, drop, state.time).ConfigureAwait(false);
                    throw;
                }
                return true;
            },
            (index, schema: database.Tables.DocumentSchema, time),
            cancellationToken);
    }

    /// <summary>Removes the invalid index of a failed build: each write would update it. The lock is held.</summary>
    private static async ValueTask TryDropRemains(NpgsqlConnection connection, string drop, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(CleanupLimit, time);
        try
        {
            await Execute(connection, drop, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsKnown(exception)
            || exception is InvalidOperationException or OperationCanceledException)
        {
            // The failure of the build is reported. The next build removes the remains.
        }
    }

    /// <summary>Removes an index, also the remains of an interrupted build.</summary>
    public ValueTask<bool> Drop(string collection, string name, CancellationToken cancellationToken) =>
        _lock.Run(
            collection,
            static async (connection, found, state, cancel) =>
            {
                var find = connection.Command(Exists)
                    .With(found.Table)
                    .With($"{state.schema}.{NameOf(found, state.name)}");
                await using var _ = find.ConfigureAwait(false);
                if (!await find.Scalar(false, cancel).ConfigureAwait(false))
                    return false;
                await Execute(connection, DropSql(found, state.name, state.schema), cancel).ConfigureAwait(false);
                return true;
            },
            (name, schema: database.Tables.DocumentSchema),
            cancellationToken);

    public ValueTask<IndexTrial> Try(
        DocumentQuery query, bool isCount, DocumentIndex index, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(index);
        return documents.OnCollection(
            query.Collection,
            static (connection, found, state, cancel) =>
                new IndexTrialRun(connection, found, state.index, state.self)
                    .Run(state.query, state.isCount, cancel),
            (query, isCount, index, self: documents),
            cancellationToken);
    }

    /// <summary>
    /// Returns the statement that creates an index. It contains no documents whose texts are together too large for a
    /// row of an index (<see cref="IndexTextSizes"/>). Queries for such texts do not use it.
    /// </summary>
    public static string CreateSql(Collection collection, DocumentIndex index, string option)
    {
        var fields = index.Fields.Select(collection.IndexOf).ToArray();
        var columns = string.Concat(fields.Select(field => $"f{field} NULLS FIRST, "));
        var sizes = IndexTextSizes.Of([.. fields.Select(field => collection.Definition.Fields[field].Kind)]);
        var texts = string.Join(
            " AND ", fields.Zip(sizes).Where(text => text.Second > 0)
                .Select(text => LongTexts.AtMost(text.Second, text.First)));
        var condition = texts.Length == 0 ? "" : $" WHERE {texts}";
        return $"CREATE INDEX {option}{NameOf(collection, index.Name)} ON {collection.Table} ({columns}key){condition}";
    }

    /// <summary>Returns the name in the schema, which also contains the number of the collection.</summary>
    /// <exception cref="ArgumentException">The name is not the name of an index.</exception>
    public static string NameOf(Collection collection, string name) =>
        DocumentIndex.IsName(name)
            ? string.Create(CultureInfo.InvariantCulture, $"{name}_{collection.Number}")
            : throw new ArgumentException(
                $"'{name}' is not the name of an index: idx_, and at most 44 letters, digits and underscores.",
                nameof(name));

    /// <summary>Executes a statement that may take long.</summary>
    public static async ValueTask Execute(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = connection.LongCommand(sql);
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string DropSql(Collection collection, string name, string schema) =>
        $"DROP INDEX CONCURRENTLY IF EXISTS {schema}.{NameOf(collection, name)}";

    /// <summary>Lists the valid indexes of several fields.</summary>
    public static async ValueTask<IReadOnlyList<DocumentIndex>> List(
        NpgsqlConnection connection, Collection collection, CancellationToken cancellationToken)
    {
        var command = connection.Command(ListIndexes).With(collection.Table);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var found = new List<DocumentIndex>();
        var suffix = string.Create(CultureInfo.InvariantCulture, $"_{collection.Number}");
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var name = row.GetString(0);
            var columns = row.GetFieldValue<string[]>(1);
            found.Add(new DocumentIndex(
                name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name,
                [
                    .. columns.Select(column => collection.Definition.Fields[
                        int.Parse(column.AsSpan(1), CultureInfo.InvariantCulture)].Name),
                ]));
        }
        return found;
    }
}
