using System.Text;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Documents;

/// <summary>
/// Reads documents by field, with filters, order and pages. Statements are built from constants; values are parameters.
/// </summary>
internal static class DocumentQueries
{
    private const int FirstField = 4;

    public static DocumentPage Read(Connection connection, Collection collection, DocumentQuery query)
    {
        var field = FieldIndexOf(query.OrderBy, collection);
        var (sql, parameters) = Page(collection, query);
        var statement = parameters.Bind(connection.Get(sql));
        var documents = new List<Document>();
        var last = FieldValue.Null;
        var hasMore = false;
        while (statement.Step())
        {
            hasMore = documents.Count == query.Limit;
            if (hasMore)
                break;
            var document = ReadOne(statement);
            documents.Add(
                query.WithFields ? document with { Fields = FieldsOf(statement, collection, field) } : document);
            last =
                field < 0
                    ? FieldValue.Null
                    : FieldCoding.Read(statement, FirstField, collection.Definition.Fields[field].Kind);
        }
        statement.Reset();
        return new DocumentPage(documents, hasMore ? new DocumentCursor(last, documents[^1].Key) : null);
    }

    /// <summary>
    /// Builds the statement of a query. It reads one document more than the page has. If nulls may follow values after
    /// a cursor, an index supplies the first documents of each part, and the page is taken from these.
    /// </summary>
    internal static (string Sql, ConditionSql Parameters) Page(Collection collection, DocumentQuery query)
    {
        var field = FieldIndexOf(query.OrderBy, collection);
        var direction = query.IsDescending ? " DESC" : "";
        var order = field < 0 ? $" ORDER BY key{direction}" : $" ORDER BY f{field}{direction}, key{direction}";
        var sql = new StringBuilder();
        var parameters = new ConditionSql(collection, sql);
        if (!query.HasSecondRange)
        {
            AddRows(sql, parameters, collection, query, field, isRest: false);
        }
        else
        {
            var limit = parameters.AddLimit(query.Limit + 1L + query.Skip, 0);
            sql.Append("SELECT * FROM (SELECT * FROM (");
            AddRows(sql, parameters, collection, query, field, isRest: false);
            sql.Append($"{order}{limit}) UNION ALL SELECT * FROM (");
            AddRows(sql, parameters, collection, query, field, isRest: true);
            sql.Append($"{order}{limit}))");
        }
        sql.Append(order).Append(parameters.AddLimit(query.Limit + 1L, query.Skip));
        return (sql.ToString(), parameters);
    }

    public static long Count(Connection connection, Collection collection, IReadOnlyList<FieldCondition> conditions)
    {
        var (sql, parameters) = CountOf(collection, conditions);
        return parameters.Bind(connection.Get(sql)).Scalar();
    }

    /// <summary>Builds the statement of a count.</summary>
    internal static (string Sql, ConditionSql Parameters) CountOf(
        Collection collection, IReadOnlyList<FieldCondition> conditions)
    {
        var sql = new StringBuilder($"SELECT count(*) FROM {collection.Table} WHERE 1");
        var parameters = new ConditionSql(collection, sql);
        parameters.Add(conditions);
        return (sql.ToString(), parameters);
    }

    public static Document? Find(Connection connection, Collection collection, string key)
    {
        var statement = connection.Get(collection.Find).Bind(1, key);
        var found = statement.Step() ? ReadOne(statement) : null;
        statement.Reset();
        return found;
    }

    private static int FieldIndexOf(string? field, Collection collection) =>
        field is null ? -1 : collection.IndexOf(field);

    private static void AddRows(
        StringBuilder sql, ConditionSql parameters, Collection collection, DocumentQuery query, int field, bool isRest)
    {
        var orderColumn = field < 0 ? "" : $", f{field}";
        var others = query.WithFields
            ? Enumerable.Range(0, collection.Definition.Fields.Count).Where(i => i != field)
            : [];
        var otherColumns = string.Concat(others.Select(i => $", f{i}"));
        sql.Append($"SELECT key, version, position, body{orderColumn}{otherColumns} FROM {collection.Table} WHERE 1");
        parameters.Add(query.Conditions);
        if (query.After is { } after)
            parameters.AddAfter(field, after, query.IsDescending, isRest);
    }

    private static FieldValue[] FieldsOf(Statement row, Collection collection, int field)
    {
        var column = field < 0 ? FirstField : FirstField + 1;
        var values = new FieldValue[collection.Definition.Fields.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = FieldCoding.ReadUnproven(
                row, i == field ? FirstField : column++, collection.Definition.Fields[i].Kind);
        return values;
    }

    private static Document ReadOne(Statement row) =>
        new(row.GetText(0), row.GetInt64(1), row.GetInt64(2), row.GetBytes(3).ToArray());
}
