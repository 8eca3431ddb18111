using Millrace.Sqlite.Connections;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Planning;

/// <summary>
/// Builds indexes of several fields. A build holds the writer of the file: readers continue, and appends wait.
/// </summary>
internal sealed class SqliteDocumentIndexes(Writer writer, ReaderPool readers, Collections collections)
    : IDocumentIndexes
{
    private const string ListIndexes =
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND name GLOB 'idx_*' ORDER BY name";
    private const string ListColumns = "SELECT name FROM pragma_index_info(?1) ORDER BY seqno";

    public bool BuildStopsWrites => true;

    public async ValueTask<IReadOnlyList<DocumentIndex>> List(
        string collection, CancellationToken cancellationToken) =>
        await readers.Read(
            static (connection, state) => List(connection, state.collections.Get(connection, state.collection)),
            (collections, collection),
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<bool> Create(string collection, DocumentIndex index, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(index);
        try
        {
            return await writer.WriteOutsideQueue(
                static (connection, state) =>
                {
                    var found = state.collections.Get(connection, state.collection);
                    if (List(connection, found).Any(known => known.Name == state.index.Name))
                        return false;
                    var sql = CreateSql(found, state.index);
                    using var registration = connection.InterruptOn(state.cancellationToken);
                    connection.Execute(sql);
                    return true;
                },
                (collections, collection, index, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The build was cancelled.", exception, cancellationToken);
        }
    }

    public async ValueTask<bool> Drop(string collection, string name, CancellationToken cancellationToken) =>
        await writer.WriteOutsideQueue(
            static (connection, state) =>
            {
                var found = state.collections.Get(connection, state.collection);
                if (!List(connection, found).Any(index => index.Name == state.name))
                    return false;
                connection.ForgetStatements(); // They would lock the index to drop.
                connection.Execute($"DROP INDEX {NameOf(found, state.name)}");
                return true;
            },
            (collections, collection, name),
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<IndexTrial> Try(
        DocumentQuery query, bool isCount, DocumentIndex index, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(index);
        try
        {
            return await Task.Factory.StartNew(
                () =>
                {
                    using var connection = readers.Open();
                    using var registration = connection.InterruptOn(cancellationToken);
                    var collection = collections.Get(connection, query.Collection);
                    return new IndexTrialCopy(connection, collection, index).Run(query, isCount, cancellationToken);
                },
                cancellationToken,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                TaskScheduler.Default).ConfigureAwait(false);
        }
        catch (StorageException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The trial was cancelled.", exception, cancellationToken);
        }
    }

    /// <summary>Returns the statement that creates an index of a collection, in a database of the connection.</summary>
    public static string CreateSql(Collection collection, DocumentIndex index, string database = "main")
    {
        var columns = string.Concat(index.Fields.Select(field => $"f{collection.IndexOf(field)}, "));
        return $"CREATE INDEX IF NOT EXISTS {database}.{NameOf(collection, index.Name)} ON {collection.Table} "
            + $"({columns}key)";
    }

    /// <summary>Returns the name in the file, which also contains the number of the collection.</summary>
    /// <exception cref="ArgumentException">The name is not the name of an index.</exception>
    public static string NameOf(Collection collection, string name) =>
        DocumentIndex.IsName(name)
            ? $"{name}_{collection.Number}"
            : throw new ArgumentException(
                $"'{name}' is not the name of an index: idx_, and at most 44 letters, digits and underscores.",
                nameof(name));

    /// <summary>Lists the indexes of several fields.</summary>
    public static List<DocumentIndex> List(Connection connection, Collection collection)
    {
        var names = ReadTexts(connection.Get(ListIndexes).Bind(1, collection.Table));
        var suffix = $"_{collection.Number}";
        return names.ConvertAll(name => new DocumentIndex(
            name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name,
            [
                .. ReadTexts(connection.Get(ListColumns).Bind(1, name))
                    .Where(static column => column.StartsWith('f'))
                    .Select(column => collection.Definition.Fields[
                        int.Parse(column.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)].Name),
            ]));
    }

    private static List<string> ReadTexts(Statement statement)
    {
        var texts = new List<string>();
        while (statement.Step())
            texts.Add(statement.GetText(0));
        statement.Reset();
        return texts;
    }
}
