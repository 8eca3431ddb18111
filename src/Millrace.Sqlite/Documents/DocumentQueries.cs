using System.Text;
using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>Reads documents by fields: filter, order, pages. Texts of statements are made of constants; values are parameters.</summary>
internal static class DocumentQueries
{
    private const int FirstField = 4;

    public static DocumentPage Read(Connection connection, Collection collection, DocumentQuery query)
    {
        var field = query.OrderBy is null ? -1 : collection.IndexOf(query.OrderBy);
        var ordered = field < 0 ? "" : $", f{field}";
        var sql = new StringBuilder($"SELECT key, version, position, body{ordered} FROM {collection.Table} WHERE 1");
        var parameters = new ConditionSql(collection, sql);
        parameters.Add(query.Conditions);
        if (query.After is { } after)
            parameters.AddAfter(field, after, query.IsDescending);
        var direction = query.IsDescending ? " DESC" : "";
        sql.Append(field < 0 ? $" ORDER BY key{direction}" : $" ORDER BY f{field}{direction}, key{direction}");
        sql.Append(parameters.AddLimit(query.Limit + 1L, query.Skip));
        var statement = parameters.Bind(connection.Get(sql.ToString()));
        var documents = new List<Document>();
        var last = FieldValue.Null;
        var hasMore = false;
        while (statement.Step())
        {
            hasMore = documents.Count == query.Limit;
            if (hasMore)
                break;
            documents.Add(ReadOne(statement));
            last = field < 0 ? FieldValue.Null : FieldCoding.Read(statement, FirstField, collection.Definition.Fields[field].Kind);
        }
        statement.Reset();
        return new DocumentPage(documents, hasMore ? new DocumentCursor(last, documents[^1].Key) : null);
    }

    public static long Count(Connection connection, Collection collection, IReadOnlyList<FieldCondition> conditions)
    {
        var sql = new StringBuilder($"SELECT count(*) FROM {collection.Table} WHERE 1");
        var parameters = new ConditionSql(collection, sql);
        parameters.Add(conditions);
        return parameters.Bind(connection.Get(sql.ToString())).Scalar();
    }

    public static Document? Find(Connection connection, Collection collection, string key)
    {
        var statement = connection.Get(collection.Find).Bind(1, key);
        var found = statement.Step() ? ReadOne(statement) : null;
        statement.Reset();
        return found;
    }

    private static Document ReadOne(Statement row) => new(row.GetText(0), row.GetInt64(1), row.GetInt64(2), row.GetBytes(3).ToArray());
}
