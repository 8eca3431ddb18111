using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>Reads documents by key and by fields: filter, order, pages. Texts of statements are made of constants; values are
/// parameters.</summary>
internal static class DocumentQueries
{
    private const int FirstField = 4;

    public static async ValueTask<DocumentPage> Read(
        NpgsqlConnection connection, Collection collection, DocumentQuery query, CancellationToken cancellationToken)
    {
        var field = query.OrderBy is null ? -1 : collection.IndexOf(query.OrderBy);
        var command = Page(collection, query, field).Command(connection);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var documents = new List<Document>();
        var last = FieldValue.Null;
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (documents.Count == query.Limit)
                return new DocumentPage(documents, new DocumentCursor(last, documents[^1].Key));
            documents.Add(ReadOne(row));
            last = field < 0 ? FieldValue.Null : FieldCoding.Read(row, FirstField, collection.Definition.Fields[field].Kind);
        }
        return new DocumentPage(documents, null);
    }

    public static async ValueTask<long> Count(
        NpgsqlConnection connection, Collection collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        var sql = new SqlText($"SELECT count(*) FROM {collection.Table} WHERE true");
        ConditionSql.Add(sql, collection, conditions);
        var command = sql.Command(connection);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(0L, cancellationToken).ConfigureAwait(false);
    }

    public static async ValueTask<Document?> Find(
        NpgsqlConnection connection, Collection collection, string key, CancellationToken cancellationToken)
    {
        var command = connection.Command(collection.Find).With(key);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false) ? ReadOne(row) : null;
    }

    public static async ValueTask<IReadOnlyList<Document>> FindMany(
        NpgsqlConnection connection, Collection collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
            return [];
        var command = connection.Command(collection.FindMany).With(keys.ToArray());
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var found = new List<Document>(keys.Count);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            found.Add(ReadOne(row));
        return found;
    }

    private static SqlText Page(Collection collection, DocumentQuery query, int field)
    {
        var ordered = field < 0 ? "" : $", f{field}";
        var sql = new SqlText($"SELECT key, version, position, body{ordered} FROM {collection.Table} WHERE true");
        ConditionSql.Add(sql, collection, query.Conditions);
        if (query.After is { } after)
            ConditionSql.AddAfter(sql, collection, field, after, query.IsDescending);
        var (direction, nulls) = query.IsDescending ? (" DESC", " DESC NULLS LAST") : ("", " NULLS FIRST");
        sql.Append(field < 0 ? $" ORDER BY key{direction}" : $" ORDER BY f{field}{nulls}, key{direction}");
        return sql.Append($" LIMIT {sql.Parameter(query.Limit + 1L)} OFFSET {sql.Parameter((long)query.Skip)}");
    }

    private static Document ReadOne(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3));
}
