using System.Globalization;
using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Documents;

/// <summary>
/// Reads documents by key and by field, with filters, order and pages. Statements are built from constants; values are
/// parameters.
/// </summary>
internal static class DocumentQueries
{
    private const int FirstField = 4;

    public static async ValueTask<DocumentPage> Read(
        NpgsqlConnection connection, Collection collection, DocumentQuery query, WholeTextIndexes wholeTexts,
        CancellationToken cancellationToken)
    {
        var field = FieldIndexOf(query.OrderBy, collection);
        var page = await Page(connection, collection, query, wholeTexts, cancellationToken).ConfigureAwait(false);
        var command = page.Command(connection);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var documents = new List<Document>();
        var last = FieldValue.Null;
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (documents.Count == query.Limit)
                return new DocumentPage(documents, new DocumentCursor(last, documents[^1].Key));
            var document = ReadOne(row);
            documents.Add(query.WithFields ? document with { Fields = FieldsOf(row, collection, field) } : document);
            last =
                field < 0
                    ? FieldValue.Null
                    : FieldCoding.Read(row, FirstField, collection.Definition.Fields[field].Kind);
        }
        return new DocumentPage(documents, null);
    }

    public static async ValueTask<long> Count(
        NpgsqlConnection connection,
        Collection collection,
        IReadOnlyList<FieldCondition> conditions,
        CancellationToken cancellationToken)
    {
        var command = CountOf(collection, conditions).Command(connection);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(0L, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Builds the statement of a count.</summary>
    internal static SqlText CountOf(Collection collection, IReadOnlyList<FieldCondition> conditions)
    {
        var sql = new SqlText($"SELECT count(*) FROM {collection.Table} WHERE true");
        ConditionSql.Add(sql, collection, conditions);
        return sql;
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

    public static async ValueTask<DocumentWithProgress> FindWithProgress(
        NpgsqlConnection connection, Collection collection, string key, CancellationToken cancellationToken)
    {
        var command = connection.Command(collection.FindWithProgress).With(key).With(collection.Definition.Name);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false); // An aggregate function always returns one row.
        var document = row.IsDBNull(0) ? null : ReadOne(row);
        return new DocumentWithProgress(document, row.FindInt64(4), row.FindInt64(5) ?? 0);
    }

    public static async ValueTask<IReadOnlyList<Document>> FindMany(
        NpgsqlConnection connection,
        Collection collection,
        IReadOnlyCollection<string> keys,
        CancellationToken cancellationToken)
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

    /// <summary>Builds the statement of a query. It reads one document more than the page has.</summary>
    internal static async ValueTask<SqlText> Page(
        NpgsqlConnection connection, Collection collection, DocumentQuery query, WholeTextIndexes wholeTexts,
        CancellationToken cancellationToken)
    {
        var field = FieldIndexOf(query.OrderBy, collection);
        if (field < 0 || collection.Definition.Fields[field].Kind != FieldKind.Text)
            return Page(collection, query, field, [TextPart.All]);
        return await wholeTexts.Exists(connection, collection, field, cancellationToken).ConfigureAwait(false)
            ? Page(collection, query, field, [TextPart.Whole])
            : Page(collection, query, field, [TextPart.Short, TextPart.Long]);
    }

    /// <summary>
    /// Builds a query over several index ranges: short and long texts have one index each, and after a cursor nulls may
    /// follow the values. Each range supplies its first documents, and the page is taken from all of them.
    /// </summary>
    private static SqlText Page(Collection collection, DocumentQuery query, int field, TextPart[] parts)
    {
        var order = OrderOf(query);
        var byField = field < 0 ? $"key{order.Keys}" : $"f{field}{order.Nulls}, key{order.Keys}";
        var sql = new SqlText("");
        if (parts is [var only] && !query.HasSecondRange)
        {
            AddRows(sql, collection, query, field, only, isRest: false);
        }
        else
        {
            var limitClause = $" LIMIT {sql.Parameter(query.Limit + 1L + query.Skip)})";
            var opening = $"SELECT key, version, position, body, {ColumnsOf(collection, query, field)} FROM ((";
            foreach (var (part, isRest) in RangesOf(parts, query))
            {
                sql.Append(opening);
                AddRows(sql, collection, query, field, part, isRest);
                var byIndex = part == TextPart.Long ? $"{LongTexts.Beginning(field)}{order.Keys}, {byField}" : byField;
                sql.Append($" ORDER BY {byIndex}{limitClause}");
                opening = " UNION ALL (";
            }
            sql.Append(") AS found");
        }
        return sql.Append(
            $" ORDER BY {byField} LIMIT {sql.Parameter(query.Limit + 1L)} OFFSET {sql.Parameter((long)query.Skip)}");
    }

    private static IEnumerable<(TextPart Part, bool IsRest)> RangesOf(TextPart[] parts, DocumentQuery query)
    {
        foreach (var part in parts)
        {
            yield return (part, false);
            // Nulls belong to the short texts.
            if (query.HasSecondRange && !(query.IsDescending && part == TextPart.Long))
                yield return (part, true);
        }
    }

    private static (string Nulls, string Keys) OrderOf(DocumentQuery query) =>
        query.IsDescending ? (" DESC NULLS LAST", " DESC") : (" NULLS FIRST", "");

    private static int FieldIndexOf(string? field, Collection collection) =>
        field is null ? -1 : collection.IndexOf(field);

    private static void AddRows(
        SqlText sql, Collection collection, DocumentQuery query, int field, TextPart part, bool isRest)
    {
        var columns = ColumnsOf(collection, query, field);
        var separator = columns.Length == 0 ? "" : ", ";
        sql.Append($"SELECT key, version, position, body{separator}{columns} FROM {collection.Table} WHERE true");
        ConditionSql.Add(sql, collection, query.Conditions, field, part);
        if (query.After is { } after)
            ConditionSql.AddAfter(sql, collection, field, after, query.IsDescending, isRest);
    }

    /// <summary>Returns the columns to read: the sort column first, and all columns if the query needs them.</summary>
    private static string ColumnsOf(Collection collection, DocumentQuery query, int field)
    {
        var columns = field < 0 ? [] : new List<string> { string.Create(CultureInfo.InvariantCulture, $"f{field}") };
        for (var i = 0; query.WithFields && i < collection.Definition.Fields.Count; i++)
        {
            if (i != field)
                columns.Add(string.Create(CultureInfo.InvariantCulture, $"f{i}"));
        }
        return string.Join(", ", columns);
    }

    private static FieldValue[] FieldsOf(NpgsqlDataReader row, Collection collection, int field)
    {
        var values = new FieldValue[collection.Definition.Fields.Count];
        var column = FirstField + (field < 0 ? 0 : 1);
        for (var i = 0; i < values.Length; i++)
            values[i] = FieldCoding.Read(row, i == field ? FirstField : column++, collection.Definition.Fields[i].Kind);
        return values;
    }

    private static Document ReadOne(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3));
}
