using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>Writes documents in the transaction of a commit. Used by the writer alone.</summary>
internal sealed class DocumentWriter(Collections collections)
{
    private const int ReservedBatch = 1_000;
    private const string FindReserved = "SELECT document_version FROM header";
    private const string SetReserved = "UPDATE header SET document_version = ?1";

    // As they stand in this transaction.
    private readonly Dictionary<string, Collection?> _collections = new(StringComparer.Ordinal);
    private long _written;
    private long _last; // That was given, while nobody else has written.
    private long _reserved; // As the header says it: up to here none is given by anybody else.

    /// <summary>Begins a transaction.</summary>
    /// <param name="isAlone">Whether nobody else has written since the last one.</param>
    public void Begin(bool isAlone)
    {
        if (!isAlone)
            Forget();
        _collections.Clear();
        _written = 0;
    }

    /// <summary>
    /// Keeps a version that is not less than those given, so that none is given twice: one for many transactions, as
    /// each would write the page of the header.
    /// </summary>
    public void End(Connection connection)
    {
        if (_written <= _reserved)
            return;
        _reserved = _written + ReservedBatch;
        connection.Get(SetReserved).Bind(1, _reserved).Run();
    }

    /// <summary>Forgets which versions were given, because they may not have been committed.</summary>
    public void Forget() => (_last, _reserved) = (0, 0);

    /// <summary>A version that no document has surpassed.</summary>
    public static long Reserved(Connection connection) => connection.Get(FindReserved).Scalar();

    /// <summary>The last version that was given before this transaction.</summary>
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
        var mayBeThere = !change.IsKnownNew && change.FromVersion != 0;
        if (mayBeThere && collection.TracksChangedFields && TryChange(connection, collection, change, values, position))
            return;
        var statement = connection.Get(collection.Put).Bind(1, change.Key);
        BindContent(statement, change, position);
        for (var i = 0; i < values.Count; i++)
            FieldCoding.Bind(statement, i + 5, collection.Definition.Fields[i].Kind, values[i]);
        statement.Run();
    }

    /// <summary>
    /// Changes a document, and of its fields those that have another value. False when it is not there, or had better
    /// be put.
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

    /// <summary>The values of the fields, each of its field's kind.</summary>
    private static IReadOnlyList<FieldValue> ValuesOf(Collection collection, DocumentChange change)
    {
        FieldValue[]? converted = null;
        var fields = collection.Definition.Fields;
        for (var i = 0; i < fields.Count; i++)
        {
            if (change.Fields[i].IsNull || FieldNumbers.IsOf(change.Fields[i], fields[i].Kind))
                continue;
            converted ??= [.. change.Fields];
            converted[i] = FieldNumbers.Exact(change.Fields[i], fields[i].Kind, fields[i].Name);
        }
        return converted ?? change.Fields;
    }

    private void BindContent(Statement statement, DocumentChange change, long position) =>
        // Without a body it was removed.
        statement.Bind(2, _written).Bind(3, position).Bind(4, change.Body!.Value.Span);

    private Collection? Find(Connection connection, string name)
    {
        if (!_collections.TryGetValue(name, out var collection))
            _collections.Add(name, collection = collections.Find(connection, name));
        return collection;
    }
}
