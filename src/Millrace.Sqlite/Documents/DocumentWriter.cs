using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Documents;

/// <summary>Writes documents in the transaction of a commit. Only the writer of the log uses it.</summary>
internal sealed class DocumentWriter(Collections collections)
{
    private const int ReservedBatch = 1_000;
    private const string FindReserved = "SELECT document_version FROM header";
    private const string SetReserved = "UPDATE header SET document_version = ?1";

    // The collections that the current transaction has looked up; null for one that does not exist.
    private readonly Dictionary<string, Collection?> _collections = new(StringComparer.Ordinal);
    private long _written;
    private long _last; // The last assigned version; valid until another program writes.
    private long _reserved; // The reserved version in the header. Other programs assign only greater versions.

    /// <summary>Starts a transaction.</summary>
    /// <param name="isAlone">True if no other program has written since the last transaction.</param>
    public void StartTransaction(bool isAlone)
    {
        if (!isAlone)
            Forget();
        _collections.Clear();
        _written = 0;
    }

    /// <summary>
    /// Ends a transaction. Reserves more versions in the header if the transaction has assigned a version that was not
    /// reserved, so that no version is assigned twice. Reserves versions for many transactions at once, because each
    /// reservation writes the header's page.
    /// </summary>
    public void End(Connection connection)
    {
        if (_written <= _reserved)
            return;
        _reserved = _written + ReservedBatch;
        connection.Get(SetReserved).Bind(1, _reserved).Run();
    }

    /// <summary>Forgets the assigned versions, because they may not have been committed.</summary>
    public void Forget() => (_last, _reserved) = (0, 0);

    /// <summary>Returns the reserved version in the header. No document has a greater version.</summary>
    public static long Reserved(Connection connection) => connection.Get(FindReserved).Scalar();

    /// <summary>Returns the last version assigned before this transaction.</summary>
    public long LastVersion(Connection connection)
    {
        if (_reserved == 0)
            _last = _reserved = Reserved(connection);
        return _last;
    }

    public long GetVersion(Connection connection, string collection, string key) =>
        Find(connection, collection) is { } found ? connection.Get(found.FindVersion).Bind(1, key).Scalar() : 0;

    /// <summary>Writes or removes a document.</summary>
    public void Write(Connection connection, DocumentChange change, CommitOutcome outcome)
    {
        var collection = Find(connection, change.Collection) ?? collections.Get(connection, change.Collection);
        if (change.Body is null)
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
        var values = ValuesOf(collection, change);
        _written = _last = outcome.DocumentVersion;
        var position = change.Position == 0 ? outcome.Position : change.Position;
        var mayExist = !change.IsKnownNew && change.FromVersion != 0;
        if (mayExist && collection.TracksChangedFields && TryChange(connection, collection, change, values, position))
            return;
        var statement = connection.Get(collection.Put).Bind(1, change.Key);
        BindContent(statement, change, position);
        for (var i = 0; i < values.Count; i++)
            FieldCoding.Bind(statement, i + 5, collection.Definition.Fields[i].Kind, values[i]);
        statement.Run();
    }

    /// <summary>
    /// Updates the content of a document and those fields that have changed. Returns false without a change if the
    /// document does not exist, or if a full write is cheaper.
    /// </summary>
    private bool TryChange(
        Connection connection,
        Collection collection,
        DocumentChange change,
        IReadOnlyList<FieldValue> values,
        long position)
    {
        var fields = collection.Definition.Fields;
        var stored = connection.Get(collection.FindFields).Bind(1, change.Key);
        if (!stored.Step())
        {
            stored.Reset();
            return false;
        }
        var row = stored.GetInt64(0);
        var changed = 0UL;
        for (var i = 0; i < fields.Count; i++)
        {
            if (!FieldCoding.IsStored(stored, i + 1, fields[i].Kind, values[i]))
                changed |= 1UL << i;
        }
        stored.Reset();
        if (collection.FindChange(changed) is not { } sql)
            return false;
        var statement = connection.Get(sql).Bind(1, row);
        BindContent(statement, change, position);
        for (var i = 0; i < fields.Count; i++)
        {
            if ((changed & (1UL << i)) != 0)
                FieldCoding.Bind(statement, i + 5, fields[i].Kind, values[i]);
        }
        statement.Run();
        return true;
    }

    /// <summary>Returns the values of the fields, converted to the kinds of the fields.</summary>
    private static IReadOnlyList<FieldValue> ValuesOf(Collection collection, DocumentChange change)
    {
        FieldValue[]? converted = null;
        var fields = collection.Definition.Fields;
        for (var i = 0; i < fields.Count; i++)
        {
            if (change.Fields[i].IsNull || FieldNumbers.IsOf(change.Fields[i], fields[i].Kind))
                continue;
            converted ??= [.. change.Fields];
            converted[i] = FieldNumbers.Convert(change.Fields[i], fields[i].Kind, fields[i].Name);
        }
        return converted ?? change.Fields;
    }

    private void BindContent(Statement statement, DocumentChange change, long position) =>
        // The body is not null here, because a change without a body is a removal.
        statement.Bind(2, _written).Bind(3, position).Bind(4, change.Body!.Value.Span);

    private Collection? Find(Connection connection, string name)
    {
        if (!_collections.TryGetValue(name, out var collection))
            _collections.Add(name, collection = collections.Find(connection, name));
        return collection;
    }
}
