using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Documents;

/// <summary>The documents of one collection that a batch writes or removes, each in its final state.</summary>
internal sealed class DocumentWrites(Collection collection)
{
    private const int BulkLoadThreshold = 500; // With fewer, the extra round trip costs more than it saves.

    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private readonly HashSet<string> _knownNew = new(StringComparer.Ordinal);
    private bool _isLoaded;
    private readonly Dictionary<string, (DocumentChange Change, CommitOutcome Outcome)> _changes = new(
        StringComparer.Ordinal);

    public void Add(DocumentChange change, CommitOutcome outcome)
    {
        if (change.Body is not null && change.Fields.Count != collection.Definition.Fields.Count)
        {
            throw new StorageException(
                $"A document of '{change.Collection}' has {change.Fields.Count} field values, but the collection has "
                + $"{collection.Definition.Fields.Count} fields.",
                StorageProblem.Other);
        }
        // A document that was read as missing (version 0) must still be missing.
        if (change.FromVersion == 0 && !_changes.ContainsKey(change.Key))
            _missing.Add(change.Key);
        else if (change.IsKnownNew && change.FromVersion is null && !_changes.ContainsKey(change.Key))
            _knownNew.Add(change.Key);
        _changes[StoredText.Check(change.Key)] = (change, outcome);
    }

    /// <summary>
    /// Bulk-loads the documents that are known to be new, if they are many, and returns their number. Fails if one of
    /// them exists.
    /// </summary>
    public async ValueTask<int> Load(NpgsqlConnection connection)
    {
        if (_knownNew.Count < BulkLoadThreshold)
            return 0;
        _isLoaded = true;
        var import = await connection
            .BeginBinaryImportAsync(collection.Load, CancellationToken.None)
            .ConfigureAwait(false);
        await using var _ = import.ConfigureAwait(false);
        foreach (var (key, (change, outcome)) in _changes)
        {
            if (change.Body is not { } body || !_knownNew.Contains(key))
                continue;
            await import.StartRowAsync(CancellationToken.None).ConfigureAwait(false);
            await import.WriteAsync(key, NpgsqlDbType.Text, CancellationToken.None).ConfigureAwait(false);
            await import
                .WriteAsync(outcome.DocumentVersion, NpgsqlDbType.Bigint, CancellationToken.None)
                .ConfigureAwait(false);
            await import
                .WriteAsync(PositionOf(change, outcome), NpgsqlDbType.Bigint, CancellationToken.None)
                .ConfigureAwait(false);
            await import.WriteAsync(body, NpgsqlDbType.Bytea, CancellationToken.None).ConfigureAwait(false);
            for (var field = 0; field < collection.Definition.Fields.Count; field++)
                await FieldCoding
                    .Write(import, collection.Definition.Fields[field], change.Fields[field])
                    .ConfigureAwait(false);
        }
        return (int)await import.CompleteAsync(CancellationToken.None).ConfigureAwait(false);
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
        if (_missing.Count > 0)
            Write(target, collection.Add, areMissing: true);
        Write(target, collection.Put, areMissing: false);
    }

    private static long PositionOf(DocumentChange change, CommitOutcome outcome) =>
        change.Position == 0 ? outcome.Position : change.Position;

    private void Write(NpgsqlBatch target, string sql, bool areMissing)
    {
        var rows = new List<(DocumentChange Change, CommitOutcome Outcome)>(_changes.Count);
        foreach (var (key, row) in _changes)
        {
            if (row.Change.Body is not null
                && _missing.Contains(key) == areMissing
                && !(_isLoaded && _knownNew.Contains(key)))
                rows.Add(row);
        }
        if (rows.Count == 0)
            return;
        var keys = new string[rows.Count];
        var versions = new long[rows.Count];
        var positions = new long[rows.Count];
        var bodies = new ReadOnlyMemory<byte>[rows.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            var (change, outcome) = rows[i];
            keys[i] = change.Key;
            versions[i] = outcome.DocumentVersion;
            positions[i] = PositionOf(change, outcome);
            bodies[i] = change.Body!.Value; // Checked above.
        }
        var command = target.Add(sql).With(keys).With(versions).With(positions).With(bodies);
        for (var field = 0; field < collection.Definition.Fields.Count; field++)
        {
            var values = new FieldValue[rows.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = rows[i].Change.Fields[field];
            command.Parameters.Add(FieldCoding.Column(collection.Definition.Fields[field], values));
        }
    }
}
