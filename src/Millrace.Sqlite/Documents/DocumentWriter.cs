using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>Writes documents in the transaction of a commit. Used by the writer alone.</summary>
internal sealed class DocumentWriter(Collections collections)
{
    private readonly Dictionary<string, Collection?> _collections = new(StringComparer.Ordinal); // As they stand in this transaction.

    /// <summary>Begins a transaction.</summary>
    public void Begin() => _collections.Clear();

    public long GetVersion(Connection connection, string collection, string key) =>
        Find(connection, collection) is { } found ? connection.Get(found.FindVersion).Bind(1, key).Scalar() : 0;

    /// <summary>Writes or removes a document.</summary>
    public void Write(Connection connection, DocumentChange change, long position)
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
        var version = connection.Get(collection.FindVersion).Bind(1, change.Key).Scalar() + 1;
        var statement = connection.Get(collection.Put)
            .Bind(1, change.Key)
            .Bind(2, version)
            .Bind(3, change.Position == 0 ? position : change.Position)
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
