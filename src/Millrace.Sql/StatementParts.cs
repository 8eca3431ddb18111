using System.Text.Json;

namespace Millrace.Sql;

/// <summary>Finds the members that a parsed statement names, and the columns of its answer.</summary>
internal sealed class StatementParts
{
    private static readonly HashSet<string> JsonFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "->", "->>", "json_extract", "json_extract_string", "json_extract_path", "json_extract_path_text",
        "json_value", "json_exists",
    };

    private static readonly char[] PathSigns = ['$', '.', '/', '[', ']', '"'];

    private readonly Dictionary<string, string?> _tables = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<(string? Qualifier, string Name)> _members = [];

    private StatementParts()
    {
    }

    /// <summary>Returns the parts without the views. The statement must have passed its checks, so that its depth is
    /// limited.</summary>
    public static SqlStatementParts Of(JsonElement statement)
    {
        var found = new StatementParts();
        found.Visit(statement);
        return new SqlStatementParts
        {
            Views = [],
            Members =
            [
                .. found._members.Select(member => new SqlMember(found.TableOf(member.Qualifier), member.Name)),
            ],
            Columns = statement.Member("node") is { } node ? ColumnsOf(node) : null,
        };
    }

    private static List<string>? ColumnsOf(JsonElement node)
    {
        if (node.Text("type") != "SELECT_NODE")
            return null;
        var names = new List<string>();
        foreach (var item in node.Items("select_list"))
        {
            var name = item.Text("alias") is { Length: > 0 } alias ? alias
                : item.Text("class") == "COLUMN_REF" ? item.Texts("column_names").LastOrDefault()
                : null;
            if (name is null)
                return null;
            names.Add(name);
        }
        return names.Count == 0 ? null : names;
    }

    private void Visit(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Visit(item);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            Inspect(element);
            foreach (var member in element.EnumerateObject())
                Visit(member.Value);
        }
    }

    private void Inspect(JsonElement element)
    {
        if (element.Text("type") == "BASE_TABLE" && element.Text("table_name") is { } table)
            AddTable(element.Text("alias") is { Length: > 0 } alias ? alias : table, table);
        else if (element.Text("class") == "COLUMN_REF" && element.Texts("column_names") is [.., var name] names)
            _members.Add((names.Length == 1 ? null : names[^2], name));
        else if (element.Text("function_name") is { } function && JsonFunctions.Contains(function))
            AddPaths(element);
    }

    private void AddPaths(JsonElement call)
    {
        foreach (var text in call.Items("children").Select(static child => child.ConstantText()).OfType<string>())
        {
            foreach (var name in text.Split(PathSigns, StringSplitOptions.RemoveEmptyEntries))
                _members.Add((null, name));
        }
    }

    /// <summary>Notes an alias. One that names two tables, in different parts of the statement, is not
    /// used.</summary>
    private void AddTable(string alias, string table) =>
        _tables[alias] = _tables.TryGetValue(alias, out var other) && other != table ? null : table;

    private string? TableOf(string? qualifier) =>
        qualifier is null ? null : _tables.GetValueOrDefault(qualifier);
}
