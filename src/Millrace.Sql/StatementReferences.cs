using System.Collections.Immutable;
using System.Text.Json;

namespace Millrace.Sql;

/// <summary>The tables and functions that a parsed statement names.</summary>
internal sealed class StatementReferences
{
    /// <summary>The maximum number of calls, operators and queries within each other. The engine needs the cube of the
    /// time for them, and cannot be interrupted meanwhile.</summary>
    public const int MaxNesting = 100;

    private const int MaxTreeDepth = 1_000;

    private static readonly ImmutableHashSet<string> NoNames =
        ImmutableHashSet.Create<string>(StringComparer.OrdinalIgnoreCase);

    private readonly List<(string Name, int Location)> _tables = [];

    private StatementReferences()
    {
    }

    /// <summary>Gets the names of tables with their places in the UTF-8 of the statement, without those that the
    /// statement defines at this place.</summary>
    public IReadOnlyList<(string Name, int Location)> Tables => _tables;

    /// <summary>Gets the first part that is not allowed; null for none.</summary>
    public (string Message, int Location)? Refused { get; private set; }

    public static StatementReferences Of(JsonElement statement)
    {
        var found = new StatementReferences();
        found.Visit(statement, NoNames, nesting: 0, depth: 0);
        if (found.Refused is null && !TextGrowth.IsBounded(statement))
            found.Refused = (
                $"The statement can make texts more than {TextGrowth.Max} times as long as they are. Join fewer texts "
                    + "within each other, and none with themselves in a recursive part.",
                0);
        return found;
    }

    /// <summary>Returns whether a statement is SHOW TABLES or similar.</summary>
    public static bool IsListOfTables(JsonElement statement) =>
        statement.GetProperty("node").Member("from_table") is { } from
        && from.Text("type") == "SHOW_REF"
        && from.Text("table_name") is "\"tables\"" or "__show_tables_expanded";

    /// <param name="element">A part of the tree.</param>
    /// <param name="names">The names that WITH defines for this part.</param>
    /// <param name="nesting">The number of expressions and queries around this part.</param>
    /// <param name="depth">The depth in the tree.</param>
    private void Visit(JsonElement element, ImmutableHashSet<string> names, int nesting, int depth)
    {
        if (Refused is not null)
            return;
        if (depth > MaxTreeDepth || nesting > MaxNesting)
            Refuse(element, $"The statement has more than {MaxNesting} calls, operators or queries within each other.");
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Visit(item, names, nesting, depth + 1);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            var isNested = element.IsQuery() || element.Text("class") is { } kind && kind is not "COLUMN_REF";
            VisitObject(element, names, isNested ? nesting + 1 : nesting, depth + 1);
        }
    }

    private void VisitObject(JsonElement element, ImmutableHashSet<string> names, int nesting, int depth)
    {
        Inspect(element, names);
        // A definition sees those before it, and itself only if it is recursive.
        foreach (var (name, definition) in element.Definitions())
        {
            var others = names.Add(name);
            Visit(definition, definition.IsRecursive() ? others : names, nesting, depth);
            names = others;
        }
        var isTableFunction = element.Text("type") == "TABLE_FUNCTION";
        foreach (var member in element.EnumerateObject())
        {
            if (isTableFunction && member.NameEquals("function"))
                Visit(member.Value.Member("children") ?? default, names, nesting, depth);
            else if (!member.NameEquals("cte_map"))
                Visit(member.Value, names, nesting, depth);
        }
    }

    private void Inspect(JsonElement element, ImmutableHashSet<string> names)
    {
        switch (element.Text("type"))
        {
            case "BASE_TABLE":
                InspectTable(element, names);
                break;
            case "TABLE_FUNCTION":
                var function = element.Member("function")?.Text("function_name");
                if (!AllowedFunctions.IsTable(function))
                    Refuse(element, $"The table function '{function}' is not allowed.");
                break;
            case "SHOW_REF" when element.Text("table_name") is { Length: > 0 }:
                Refuse(element, "Only SHOW TABLES, DESCRIBE and SUMMARIZE are allowed.");
                break;
            case "ARRAY_TYPE_INFO":
                Refuse(element, "Types of arrays with a fixed length are not allowed.");
                break;
        }
        if (element.Text("class") == "PARAMETER")
            Refuse(element, "A statement has no parameters.");
        if (element.Text("function_name") is { } name)
            InspectFunction(element, name);
    }

    private void InspectFunction(JsonElement call, string name)
    {
        if (call.Text("schema") is { Length: > 0 } and not "main" || call.Text("catalog") is { Length: > 0 })
            Refuse(call, $"The function '{name}' must have no schema.");
        else if (AllowedFunctions.Refuse(name) is { } message)
            Refuse(call, message);
    }

    private void InspectTable(JsonElement table, ImmutableHashSet<string> names)
    {
        var name = table.Text("table_name") ?? "";
        var schema = table.Text("schema_name");
        if (schema is { Length: > 0 } and not "main" || table.Text("catalog_name") is { Length: > 0 })
            Refuse(table, $"'{schema}.{name}' is not a view. 'SELECT * FROM views' lists all views.");
        else if (schema is { Length: > 0 } || !names.Contains(name))
            _tables.Add((name, Location(table)));
    }

    private void Refuse(JsonElement element, string message) => Refused ??= (message, Location(element));

    private static int Location(JsonElement element) =>
        element.Member("query_location") is { } place && place.TryGetInt32(out var location) ? location : 0;
}
