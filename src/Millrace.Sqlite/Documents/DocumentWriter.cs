using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>Writes documents in the transaction of a commit. Used by the writer alone.</summary>
internal sealed class DocumentWriter(Collections collections)
{
    private const string FindLastVersion = "SELECT document_version FROM header";
    private const string SetLastVersion = "UPDATE header SET document_version = ?1";

    private readonly Dictionary<string, Collection?> _collections = new(StringComparer.Ordinal); // As they stand in this transaction.
    private long _written;

    /// <summary>Begins a transaction.</summary>
    public void Begin()
    {
        _collections.Clear();
        _written = 0;
    }

    /// <summary>Keeps the last version given in this transaction, so that none is given twice.</summary>
    public void End(Connection connection)
    {
        if (_written > 0)
            connection.Get(SetLastVersion).Bind(1, _written).Run();
    }

    /// <summary>The last version that was given before this transaction.</summary>
    public static long LastVersion(Connection connection) => connection.Get(FindLastVersion).Scalar();

    public long GetVersion(Connection connection, string collection, string key) =>
        Find(connection, collection) is { } found ? connection.Get(found.FindVersion).Bind(1, key).Scalar() : 0;

    /// <summary>Writes or removes a document.</summary>
    public void Write(Connection connection, DocumentChange change, CommitOutcome outcome)
    {
        var collection = Find(connection, change.Collection) ?? collections.Get(connection, change.Collection);
        if (change.Body is not { } body)
        {
            connection.Get(collection.Remove).Bind(1, change.Key).Run();
            return;
        }
        if (change.Fields.Count != collection.Definition.Fields.Count)
        {
            throw new StorageException(
                $"A document of '{change.Collection}' has {change.Fields.Count} field values, but the collection has "
                + $"{collection.Definition.Fields.Count} fields.",
                StorageProblem.Other);
        }
        _written = outcome.DocumentVersion;
        var statement = connection.Get(collection.Put)
            .Bind(1, change.Key)
            .Bind(2, _written)
            .Bind(3, change.Position == 0 ? outcome.Position : change.Position)
            .Bind(4, body.Span);
        for (var i = 0; i < change.Fields.Count; i++)
            FieldCoding.Bind(statement, i + 5, collection.Definition.Fields[i].Kind, change.Fields[i]);
        statement.Run();
    }

    private Collection? Find(Connection connection, string name)
    {
        if (!_collections.TryGetValue(name, out var collection))
            _collections.Add(name, collection = collections.Find(connection, name));
        return collection;
    }
}
