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
        List<string>? removed = null;
        foreach (var (key, (change, _)) in _changes)
        {
            if (change.Body is null)
                (removed ??= []).Add(key);
        }
        if (removed is not null)
            target.Add(collection.Remove).With(removed);
        if (_new.Count > 0)
            Write(target, collection.Add, areNew: true);
        Write(target, collection.Put, areNew: false);
    }

    private void Write(NpgsqlBatch target, string sql, bool areNew)
    {
        var rows = new List<(DocumentChange Change, CommitOutcome Outcome)>(_changes.Count);
        foreach (var (key, row) in _changes)
        {
            if (row.Change.Body is not null && _new.Contains(key) == areNew)
                rows.Add(row);
        }
        if (rows.Count == 0)
            return;
        var (keys, versions) = (new string[rows.Count], new long[rows.Count]);
        var (positions, bodies) = (new long[rows.Count], new ReadOnlyMemory<byte>[rows.Count]);
        for (var i = 0; i < keys.Length; i++)
        {
            var (change, outcome) = rows[i];
            (keys[i], versions[i]) = (change.Key, outcome.DocumentVersion);
            (positions[i], bodies[i]) = (change.Position == 0 ? outcome.Position : change.Position, change.Body!.Value); // Just tested.
        }
        var command = target.Add(sql).With(keys).With(versions).With(positions).With(bodies);
        for (var field = 0; field < collection.Definition.Fields.Count; field++)
        {
            var values = new FieldValue[rows.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = rows[i].Change.Fields[field];
            command.Parameters.Add(FieldCoding.Column(collection.Definition.Fields[field].Kind, values));
        }
    }
}
