using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>The documents of one collection that a batch writes or removes, each in its last state.</summary>
internal sealed class DocumentWrites(Collection collection)
{
    private readonly HashSet<string> _new = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DocumentChange Change, CommitOutcome Outcome)> _changes = new(StringComparer.Ordinal);

    public void Add(DocumentChange change, CommitOutcome outcome)
    {
        if (change.Body is not null && change.Fields.Count != collection.Definition.Fields.Count)
        {
            throw new StorageException(
                $"A document of '{change.Collection}' has {change.Fields.Count} field values, but the collection has "
                + $"{collection.Definition.Fields.Count} fields.",
                StorageProblem.Other);
        }
        // One that was seen not to be there must not be there now either.
        if (change.FromVersion == 0 && !_changes.ContainsKey(change.Key))
            _new.Add(change.Key);
        _changes[StoredText.Check(change.Key)] = (change, outcome);
    }

    public void AddTo(NpgsqlBatch target)
    {
        var put = _changes.Values.Where(row => row.Change.Body is not null).ToArray();
        var removed = _changes.Values.Where(row => row.Change.Body is null).Select(row => row.Change.Key).ToArray();
        if (removed.Length > 0)
            target.Add(collection.Remove).With(removed);
        Write(target, collection.Add, Array.FindAll(put, row => _new.Contains(row.Change.Key)));
        Write(target, collection.Put, Array.FindAll(put, row => !_new.Contains(row.Change.Key)));
    }

    private void Write(NpgsqlBatch target, string sql, (DocumentChange Change, CommitOutcome Outcome)[] put)
    {
        if (put.Length == 0)
            return;
        var command = target.Add(sql)
            .With(Array.ConvertAll(put, row => row.Change.Key))
            .With(Array.ConvertAll(put, row => row.Outcome.DocumentVersion))
            .With(Array.ConvertAll(put, row => row.Change.Position == 0 ? row.Outcome.Position : row.Change.Position))
            .With(Array.ConvertAll(put, row => row.Change.Body!.Value)); // Only those with one.
        for (var i = 0; i < collection.Definition.Fields.Count; i++)
        {
            var values = Array.ConvertAll(put, row => row.Change.Fields[i]);
            command.Parameters.Add(FieldCoding.Column(collection.Definition.Fields[i].Kind, values));
        }
    }
}
