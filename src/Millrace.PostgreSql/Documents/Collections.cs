using System.Collections.Concurrent;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Log;
using Millrace.PostgreSql.Schema;
using Millrace.Shared.Storage;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Documents;

/// <summary>The catalogue of collections, with a cache of those that this node has used. Thread-safe.</summary>
internal sealed class Collections(Tables tables)
{
    private readonly string _findByNames = $"SELECT id, name, fields FROM {tables.Collections} WHERE name = ANY ($1)";
    private readonly string _listAll = $"SELECT id, name, fields FROM {tables.Collections} ORDER BY name";
    private readonly string _insert = $"INSERT INTO {tables.Collections} (name, fields) VALUES ($1, $2) RETURNING id";
    private readonly string _delete = $"DELETE FROM {tables.Collections} WHERE id = $1";
    private readonly ConcurrentDictionary<string, Collection> _known = new(StringComparer.Ordinal);

    /// <summary>Adds a query for the current definitions of collections.</summary>
    /// <param name="questions">The batch that the query is added to.</param>
    /// <param name="names">The names of the collections.</param>
    /// <param name="found">Receives the cached collections now, and the current ones when the result arrives.</param>
    public void AddQueries(
        FactQueryBatch questions, IReadOnlyCollection<string> names, Dictionary<string, Collection> found)
    {
        foreach (var name in names)
        {
            if (_known.TryGetValue(name, out var known))
                found[name] = known;
        }
        questions.Add(_findByNames, static (row, facts, self) =>
        {
            var collection = ((Collections)self!).GetOrAdd(row); // Set by the caller.
            facts.Collections[collection.Definition.Name] = collection;
        }, this).With(new List<string>(names));
    }

    /// <summary>Returns the cached collection, or null.</summary>
    public Collection? FindKnown(string name) => _known.GetValueOrDefault(name);

    /// <summary>Returns the cached collection, otherwise the stored one, or null.</summary>
    public async ValueTask<Collection?> Find(
        NpgsqlConnection connection, string name, CancellationToken cancellationToken) =>
        _known.TryGetValue(name, out var known)
            ? known
            : await FindCurrent(connection, name, cancellationToken).ConfigureAwait(false);

    /// <summary>Returns the stored collection, or null.</summary>
    public async ValueTask<Collection?> FindCurrent(
        NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        var command = connection.Command(_findByNames).With(new[] { name });
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        if (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            return GetOrAdd(row);
        _known.TryRemove(name, out var ___);
        return null;
    }

    /// <exception cref="StorageException">The collection does not exist.</exception>
    public async ValueTask<Collection> Get(
        NpgsqlConnection connection,
        string name,
        CancellationToken cancellationToken
    ) => await Find(connection, name, cancellationToken).ConfigureAwait(false) ?? throw Missing(name);

    public static StorageException Missing(string name) =>
        new(
            $"There is no collection '{name}'. Create it with EnsureCollection before documents are written or read.",
            StorageProblem.Other);

    /// <summary>Clears the cache, because another node has changed the catalogue.</summary>
    public void Forget() => _known.Clear();

    /// <summary>
    /// Creates a collection unless it exists with the same definition. Returns false if it exists with another one.
    /// The caller must hold the log's lock.
    /// </summary>
    public async ValueTask<bool> Ensure(
        NpgsqlConnection connection, CollectionDefinition definition, CancellationToken cancellationToken)
    {
        var current = await FindCurrent(connection, definition.Name, cancellationToken).ConfigureAwait(false);
        if (current?.Definition.IsStoredAs(definition) == true)
            return true;
        if (current is not null)
            await Drop(connection, definition.Name, cancellationToken).ConfigureAwait(false);
        var insert = connection.Command(_insert).With(definition.Name).With(FieldListFormat.Format(definition));
        await using var _ = insert.ConfigureAwait(false);
        var number = await insert.Scalar(0L, cancellationToken).ConfigureAwait(false);
        var create = connection.Command(new Collection(number, definition, tables).Create());
        await using var __ = create.ConfigureAwait(false);
        await create.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return current is null;
    }

    /// <summary>Drops a collection and its table, if they exist. The caller must hold the log's lock.</summary>
    public async ValueTask Drop(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        if (await FindCurrent(connection, name, cancellationToken).ConfigureAwait(false) is not { } current)
            return;
        var drop = connection.Command(current.Drop);
        await using var _ = drop.ConfigureAwait(false);
        await drop.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        var delete = connection.Command(_delete).With(current.Number);
        await using var __ = delete.ConfigureAwait(false);
        await delete.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        _known.TryRemove(name, out var ___);
    }

    public async ValueTask<List<Collection>> List(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.Command(_listAll);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var found = new List<Collection>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            found.Add(GetOrAdd(row));
        return found;
    }

    private Collection GetOrAdd(NpgsqlDataReader row)
    {
        var number = row.GetInt64(0);
        var name = row.GetString(1);
        // A number identifies one table with its fields for ever.
        if (_known.TryGetValue(name, out var known) && known.Number == number)
            return known;
        return _known[name] = new Collection(number, FieldListFormat.Parse(name, row.GetString(2)), tables);
    }
}
