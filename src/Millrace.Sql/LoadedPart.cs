using System.Globalization;
using System.Text.Json;

namespace Millrace.Sql;

/// <summary>
/// The part of the log that a statement about <c>events</c> alone can need, from its own tree. The engine applies the
/// whole statement again, so that a larger part is never wrong.
/// </summary>
internal sealed record LoadedPart
{
    private const int MaxOffset = 1_000_000;

    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(1); // The engine has microseconds.

    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm:ss'Z'",
        "yyyy-MM-dd'T'HH:mm:ss'Z'",
    ];

    private static readonly string[] Groupings = ["group_expressions", "group_sets", "having", "qualify"];

    private static readonly LoadedPart All = new();

    /// <summary>Gets whether only the columns of views are needed.</summary>
    public bool HasNoRows { get; private init; }

    /// <summary>Gets whether neither payloads nor metadata of events are needed.</summary>
    public bool IsBrief { get; init; }

    /// <summary>Gets the filter of the events.</summary>
    public EventFilter Filter { get; private init; } = EventFilter.All;

    /// <summary>Gets the first position.</summary>
    public long First { get; private init; } = 1;

    /// <summary>Gets the last position.</summary>
    public long Last { get; private init; } = long.MaxValue;

    /// <summary>Gets the OFFSET, if each event is one row of the answer; null if not.</summary>
    public int? Skipped { get; private init; }

    /// <summary>Gets the LIMIT of the statement; null for none.</summary>
    public int? Limit { get; private init; }

    /// <summary>Returns the part for a statement.</summary>
    /// <param name="statement">The tree of the statement.</param>
    /// <param name="tables">The number of tables that the statement names.</param>
    /// <param name="isPlan">Whether only the plan is needed.</param>
    public static LoadedPart Of(JsonElement statement, int tables, bool isPlan)
    {
        if (statement.Member("node") is not { } node || node.Text("type") != "SELECT_NODE")
            return All with { HasNoRows = isPlan };
        if (isPlan || node.Member("from_table")?.Text("show_type") == "DESCRIBE")
            return All with { HasNoRows = true };
        if (tables != 1
            || node.Member("from_table") is not { } table
            || table.Text("type") != "BASE_TABLE"
            || !string.Equals(table.Text("table_name"), ViewCatalog.Events, StringComparison.OrdinalIgnoreCase)
            || node.Definitions().Any()
            || table.Member("column_name_alias") is not null
            || table.Member("sample") is not null
            || node.Member("sample") is not null)
            return All;
        if (node.Member("where_clause") is not { } condition)
            return All.WithLimit(node);
        var alias = table.Text("alias") ?? ViewCatalog.Events;
        var conditions = condition.Text("type") == "CONJUNCTION_AND" ? condition.Items("children") : [condition];
        return conditions.Aggregate(All, (part, one) => part.With(one, alias));
    }

    /// <summary>Returns the number of events that suffice for an answer; null for all.</summary>
    public long? RowsFor(int maxRows) =>
        Skipped is { } skipped ? Math.Min(Limit ?? int.MaxValue, maxRows + 1L) + skipped : null;

    /// <summary>Takes LIMIT and OFFSET, if each event is one row of the answer.</summary>
    private LoadedPart WithLimit(JsonElement node)
    {
        var isPlain = node.Items("select_list").All(IsPlain)
            && Array.TrueForAll(Groupings, part => node.Member(part) is null)
            && node.Text("aggregate_handling") == "STANDARD_HANDLING";
        if (!isPlain)
            return this;
        var modifiers = node.Items("modifiers").ToArray();
        if (modifiers.Length == 0)
            return this with { Skipped = 0 };
        if (modifiers is not [var limit] || limit.Text("type") != "LIMIT_MODIFIER")
            return this;
        var rows = limit.Member("limit") is { } count ? WholeNumber(count) : int.MaxValue;
        var skipped = limit.Member("offset") is { } offset ? WholeNumber(offset) : 0;
        return rows is >= 0 and <= int.MaxValue && skipped is >= 0 and <= MaxOffset
            ? this with { Limit = (int)rows, Skipped = (int)skipped }
            : this;
    }

    private static bool IsPlain(JsonElement column) =>
        column.Text("class") is "COLUMN_REF" or "CONSTANT"
        || (column.Text("class") == "STAR" && column.Member("expr") is null && column.Member("replace_list") is null)
        || (column.Text("class") == "CAST" && column.Member("child") is { } child && IsPlain(child))
        || (column.Text("function_name") == "->>" && column.Items("children").All(IsPlain));

    /// <summary>Takes a comparison of a column with constants; others remain for the engine.</summary>
    private LoadedPart With(JsonElement condition, string alias)
    {
        var kind = condition.Text("type");
        if (kind == "COMPARE_BETWEEN"
            && condition.Member("input") is { } input
            && ColumnOf(input, alias) is { } between)
            return WithBound(between, "COMPARE_GREATERTHANOREQUALTO", condition.Member("lower"))
                .WithBound(between, "COMPARE_LESSTHANOREQUALTO", condition.Member("upper"));
        if (kind == "COMPARE_IN" && condition.Items("children").ToArray() is [var left, .. var values])
            return ColumnOf(left, alias) == "type" && Filter.Types.Count == 0
                && Array.TrueForAll(values, static value => value.ConstantText() is not null)
                ? WithTypes([.. values.Select(static value => value.ConstantText()!).Distinct()]) // Checked.
                : this;
        if (condition.Text("class") != "COMPARISON" || kind is null)
            return this;
        return condition.Member("left") is { } first && ColumnOf(first, alias) is { } column
            ? WithBound(column, kind, condition.Member("right"))
            : condition.Member("right") is { } second && ColumnOf(second, alias) is { } other
                ? WithBound(other, Turned(kind), condition.Member("left"))
                : this;
    }

    private LoadedPart WithTypes(string[] types) => this with { Filter = Filter with { Types = types } };

    private LoadedPart WithBound(string column, string kind, JsonElement? operand)
    {
        if (operand is not { } value)
            return this;
        var text = value.ConstantText();
        return (column, kind) switch
        {
            ("position", _) when WholeNumber(value) is { } position => WithPosition(kind, position),
            ("type", "COMPARE_EQUAL") when text is not null && Filter.Types.Count == 0 =>
                WithTypes([text]),
            ("stream" or "category", "COMPARE_EQUAL") when text is { Length: > 0 } && Filter.StreamPrefix is null =>
                this with { Filter = Filter with { StreamPrefix = text } },
            ("time", "COMPARE_GREATERTHAN" or "COMPARE_GREATERTHANOREQUALTO") when TimeOf(value) is { } from =>
                this with { Filter = Filter with { From = Later(Filter.From, from - Margin) } },
            ("time", "COMPARE_LESSTHAN" or "COMPARE_LESSTHANOREQUALTO") when TimeOf(value) is { } to =>
                this with { Filter = Filter with { To = Filter.To < to + Margin ? Filter.To : to + Margin } },
            _ => this,
        };
    }

    private LoadedPart WithPosition(string kind, long position) => kind switch
    {
        "COMPARE_EQUAL" => this with { First = Math.Max(First, position), Last = Math.Min(Last, position) },
        "COMPARE_GREATERTHAN" or "COMPARE_GREATERTHANOREQUALTO" => this with { First = Math.Max(First, position) },
        "COMPARE_LESSTHAN" or "COMPARE_LESSTHANOREQUALTO" => this with { Last = Math.Min(Last, position) },
        _ => this,
    };

    private static DateTimeOffset Later(DateTimeOffset? one, DateTimeOffset other) =>
        one > other ? one.Value : other;

    private static string Turned(string kind) => kind switch
    {
        "COMPARE_GREATERTHAN" or "COMPARE_GREATERTHANOREQUALTO" => "COMPARE_LESSTHANOREQUALTO",
        "COMPARE_LESSTHAN" or "COMPARE_LESSTHANOREQUALTO" => "COMPARE_GREATERTHANOREQUALTO",
        _ => kind,
    };

    /// <summary>Returns the name of a column of the table in lower case; null for another expression.</summary>
    private static string? ColumnOf(JsonElement element, string alias)
    {
        if (element.Text("class") != "COLUMN_REF")
            return null;
        var names = element.Texts("column_names");
        return names switch
        {
            [var name] => name.ToLowerInvariant(),
            [var table, var name] when table.Equals(alias, StringComparison.OrdinalIgnoreCase) =>
                name.ToLowerInvariant(),
            _ => null,
        };
    }

    private static long? WholeNumber(JsonElement value) =>
        value.Text("class") == "CONSTANT"
        && value.Member("value") is { } constant
        && constant.Member("type")?.Text("id") is "INTEGER" or "BIGINT"
        && value.Member("value")?.Member("value") is { ValueKind: JsonValueKind.Number } number
        && number.TryGetInt64(out var whole)
            ? whole
            : null;

    /// <summary>Returns the instant of a constant text in UTC, also after a cast to a time; null for others.</summary>
    private static DateTimeOffset? TimeOf(JsonElement value)
    {
        var isCast = value.Text("class") == "CAST"
            && value.Member("cast_type")?.Text("id") is "TIMESTAMP WITH TIME ZONE" or "TIMESTAMP" or "DATE";
        var text = isCast ? value.Member("child")?.ConstantText() : value.ConstantText();
        var formats = isCast && value.Member("cast_type")?.Text("id") == "DATE" ? TimeFormats[..1] : TimeFormats;
        return DateTimeOffset.TryParseExact(
            text,
            formats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time)
            && time.Year is > 1 and < 9999
            ? time
            : null;
    }
}
