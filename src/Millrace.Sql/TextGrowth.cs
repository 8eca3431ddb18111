using System.Text.Json;

namespace Millrace.Sql;

/// <summary>
/// Estimates from above how many times longer than the stored values the texts and lists of a statement can become.
/// Without a bound, <c>x || x</c> in thirty queries within each other makes one character a gigabyte.
/// </summary>
internal sealed class TextGrowth
{
    /// <summary>The maximum factor.</summary>
    public const int Max = 32;

    private const double ListOfTexts = 16; // Each item of a list has 16 bytes.
    private const double CollectedRows = 8;
    private const double Unbounded = double.PositiveInfinity;

    // Names of columns of the queries around, whose values are results of expressions.
    private readonly Dictionary<string, double> _aliases = new(StringComparer.OrdinalIgnoreCase);

    private TextGrowth()
    {
    }

    public static bool IsBounded(JsonElement statement) => new TextGrowth().Of(statement) <= Max;

    private double Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => OfAll(element.EnumerateArray()),
        JsonValueKind.Object when element.IsQuery() => OfQuery(element),
        JsonValueKind.Object when element.Text("class") == "COLUMN_REF" => OfColumn(element),
        JsonValueKind.Object when element.Text("function_name") is { } name => OfCall(element, name),
        JsonValueKind.Object when element.Text("type") == "JOIN" =>
            element.EnumerateObject().Aggregate(1.0, (product, member) => product * Of(member.Value)),
        JsonValueKind.Object => OfAll(element.EnumerateObject().Select(static member => member.Value)),
        _ => 1,
    };

    private double OfAll(IEnumerable<JsonElement> elements) =>
        elements.Aggregate(1.0, (most, element) => Math.Max(most, Of(element)));

    /// <summary>Returns the factor of a query: its expressions, for values of the tables that it reads. A table can be
    /// a query too.</summary>
    private double OfQuery(JsonElement query)
    {
        var tables = 1.0;
        foreach (var (_, definition) in query.Definitions())
            tables *= Of(definition);
        if (query.Member("from_table") is { } from)
            tables *= Of(from);
        var own = 1.0;
        foreach (var column in query.Items("select_list"))
        {
            var growth = Of(column);
            own = Math.Max(own, growth);
            if (column.Text("alias") is { } alias)
                _aliases[alias] = Math.Max(_aliases.GetValueOrDefault(alias, 1), growth);
        }
        var isRecursive = query.Text("type") == "RECURSIVE_CTE_NODE";
        foreach (var member in query.EnumerateObject())
        {
            if (member.Name is "cte_map" or "from_table" or "select_list")
                continue;
            var growth = Of(member.Value);
            own = isRecursive && growth > 1 && member.NameEquals("right") ? Unbounded : Math.Max(own, growth);
        }
        return own * tables;
    }

    private double OfColumn(JsonElement column) =>
        column.Items("column_names").LastOrDefault() is { ValueKind: JsonValueKind.String } name
            ? _aliases.GetValueOrDefault(name.GetString()!, 1) // A string.
            : 1;

    private double OfCall(JsonElement call, string name)
    {
        var joined = 0.0;
        var most = 1.0;
        foreach (var member in call.EnumerateObject().Where(static member => !member.NameEquals("children")))
            most = Math.Max(most, Of(member.Value));
        foreach (var argument in call.Items("children"))
        {
            var growth = Of(argument);
            most = Math.Max(most, growth);
            joined += argument.Text("class") == "CONSTANT" ? 0 : growth;
        }
        switch (name.ToLowerInvariant())
        {
            case "||" or "concat" or "concat_ws" or "list_value" or "list_pack" or "struct_pack" or "row" or "map"
                or "json_object" or "json_array":
                return Math.Max(most, joined);
            case "to_json" or "row_to_json" or "json_quote" or "hex" or "to_hex" or "base64" or "to_base64"
                or "regexp_escape" or "array_to_string":
                return 2 * most;
            case "url_encode":
                return 3 * most;
            case "string_split" or "str_split" or "split" or "string_to_array" or "regexp_split_to_array"
                or "regexp_extract_all":
                return ListOfTexts * most;
            case "string_agg" or "group_concat" or "listagg" or "list" or "array_agg" or "json_group_array"
                or "json_group_object":
                return CollectedRows * most;
            case "strftime":
                return call.Items("children").Any(static argument => argument.ConstantText() is not null)
                    ? most
                    : ListOfTexts * most;
            case "replace" or "regexp_replace":
                return most * OfReplacement(call, name.Length > "replace".Length);
            default:
                return most;
        }
    }

    /// <summary>Returns the factor of a replacement: its length, for each character that it replaces.</summary>
    private static double OfReplacement(JsonElement call, bool isPattern)
    {
        if (call.Items("children").Skip(2).FirstOrDefault().ConstantText() is not { } replacement)
            return Unbounded;
        var replaced = isPattern ? 1 : call.Items("children").ElementAt(1).ConstantText()?.Length ?? 1;
        return isPattern ? 1 + replacement.Length : Math.Max(1, (double)replacement.Length / Math.Max(1, replaced));
    }
}
