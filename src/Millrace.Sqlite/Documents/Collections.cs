using System.Collections.Concurrent;
using Millrace.Shared.Storage;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Documents;

/// <summary>The catalogue of collections. Thread-safe.</summary>
internal sealed class Collections
{
    /// <summary>The prefix of the table names.</summary>
    public const string TablePrefix = "doc_";

    private const string FindByName = "SELECT id, fields FROM collections WHERE name = ?1";
    private const string ListAll = "SELECT id, name, fields FROM collections ORDER BY name";
    private const string Insert = "INSERT INTO collections (name, fields) VALUES (?1, ?2) RETURNING id";
    private const string Delete = "DELETE FROM collections WHERE id = ?1";

    private readonly ConcurrentDictionary<string, (string Fields, Collection Collection)> _known = new(
        StringComparer.Ordinal);

    /// <summary>Returns the collection as seen by the connection's transaction, or null.</summary>
    public Collection? Find(Connection connection, string name)
    {
        var statement = connection.Get(FindByName).Bind(1, name);
        if (!statement.Step())
        {
            statement.Reset();
            return null;
        }
        var number = statement.GetInt64(0);
        var fields = statement.GetText(1);
        statement.Reset();
        if (_known.TryGetValue(name, out var known) && known.Collection.Number == number && known.Fields == fields)
            return known.Collection;
        var found = new Collection(number, FieldListFormat.Parse(name, fields));
        _known[name] = (fields, found);
        return found;
    }

    /// <summary>Returns the collection as seen by the connection's transaction.</summary>
    /// <exception cref="StorageException">The collection does not exist.</exception>
    public Collection Get(Connection connection, string name) =>
        Find(connection, name)
        ?? throw new StorageException(
            $"There is no collection '{name}'. Create it with EnsureCollection before documents are written or read.",
            StorageProblem.Other);

    /// <summary>
    /// Creates a collection unless it exists with the same definition. Returns false if it exists with another one.
    /// </summary>
    public bool Ensure(Connection connection, CollectionDefinition definition)
    {
        var known = Find(connection, definition.Name);
        if (known?.Definition.IsStoredAs(definition) == true)
            return true;
        if (known is not null)
            Drop(connection, definition.Name);
        var number = connection.Get(Insert).Bind(1, definition.Name).Bind(
            2, FieldListFormat.Format(definition)).Scalar();
        connection.Execute(new Collection(number, definition).Create());
        return known is null;
    }

    /// <summary>Drops a collection and its table, if they exist.</summary>
    public void Drop(Connection connection, string name)
    {
        if (Find(connection, name) is not { } known)
            return;
        connection.ForgetStatements(); // They would lock the table to drop.
        connection.Execute(known.Drop);
        connection.Get(Delete).Bind(1, known.Number).Run();
    }

    public static List<Collection> List(Connection connection)
    {
        var found = new List<Collection>();
        var statement = connection.Get(ListAll);
        while (statement.Step())
            found.Add(
                new Collection(statement.GetInt64(0), FieldListFormat.Parse(statement.GetText(1), statement.GetText(2)))
            );
        statement.Reset();
        return found;
    }
}
