using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Millrace.Materializing;

/// <summary>Converts the rows of a SQL statement to the rows of a view.</summary>
internal sealed class SqlRowReader<TRow>
    where TRow : class
{
    private readonly string _view;
    private readonly JsonTypeInfo<TRow> _json;
    private readonly SqlRowColumn[] _columns;
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <exception cref="ViewDeclarationException">A column has no member, a member has no column, or the types do not
    /// match.</exception>
    public SqlRowReader(string view, IReadOnlyList<SqlColumn> columns, JsonTypeInfo<TRow> json)
    {
        RequireMembers(view, json);
        (_view, _json) = (view, json);
        var members = Match(view, [.. columns.Select(static column => column.Name)], json);
        _columns = [.. columns.Zip(members, static (column, member) => new SqlRowColumn(column, member))];
        if (Array.Find(_columns, static column => !column.CanMatch) is { } other)
            throw new ViewDeclarationException(
                view,
                $"its column '{other.Name}' has the type {other.SqlType}, and the member is a {other.MemberType}. "
                    + "Convert the column with CAST, or change the member.");
    }

    /// <summary>Throws unless the rows are objects with members.</summary>
    public static void RequireMembers(string view, JsonTypeInfo<TRow> json)
    {
        if (json.Kind != JsonTypeInfoKind.Object)
            throw new ViewDeclarationException(
                view,
                $"the JSON metadata of {typeof(TRow).Name} has no members, to which columns could belong. Use a "
                    + "record without an own converter.");
    }

    /// <summary>Returns the member of each column.</summary>
    /// <exception cref="ViewDeclarationException">A column has no member, or a member has not one column.</exception>
    public static IReadOnlyList<JsonPropertyInfo> Match(
        string view, IReadOnlyList<string> columns, JsonTypeInfo<TRow> json)
    {
        JsonPropertyInfo[] members =
            [.. json.Properties.Where(static one => one is not { Set: null, AssociatedParameter: null })];
        var matched = new List<JsonPropertyInfo>();
        foreach (var column in columns)
        {
            var member = Array.Find(members, one => Simplify(one.Name) == Simplify(column))
                ?? throw new ViewDeclarationException(
                    view,
                    $"its column '{column}' has no member in {typeof(TRow).Name} (members: {NamesOf(members)}). "
                        + "Name the column with AS, or omit it.");
            if (matched.Contains(member))
                throw new ViewDeclarationException(
                    view, $"two of its columns belong to the member '{member.Name}'. Omit one of them.");
            matched.Add(member);
        }
        if (members.Except(matched).ToArray() is { Length: > 0 } missing)
            throw new ViewDeclarationException(
                view,
                $"its statement has no column for {NamesOf(missing)} of {typeof(TRow).Name}. Add the column, or "
                    + "remove the member.");
        return matched;
    }

    /// <exception cref="ViewDeclarationException">A value cannot be converted.</exception>
    public TRow Read(IReadOnlyList<string?> row)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            if (row[i] is null && !_columns[i].AllowsNull)
                throw new ViewDeclarationException(
                    _view,
                    $"its column '{_columns[i].Name}' is NULL in a row, and the member does not allow null. Use "
                        + "COALESCE or WHERE in the statement.");
        }
        _buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_buffer))
        {
            writer.WriteStartObject();
            for (var i = 0; i < _columns.Length; i++)
                _columns[i].Write(writer, row[i]);
            writer.WriteEndObject();
        }
        try
        {
            return JsonSerializer.Deserialize(_buffer.WrittenSpan, _json)
                ?? throw new JsonException("The row is null.");
        }
        catch (JsonException exception)
        {
            throw Mismatch(exception);
        }
    }

    /// <summary>Returns the error without the value, which the log of the node would contain.</summary>
    private ViewDeclarationException Mismatch(JsonException exception)
    {
        var path = exception.Path ?? "";
        var column = Array.Find(_columns, one => path.StartsWith("$." + one.MemberName, StringComparison.Ordinal));
        return new ViewDeclarationException(
            _view,
            column is null
                ? $"a row cannot be converted to {typeof(TRow).Name}. {exception.Message}"
                : $"a value of its column '{column.Name}' with the type {column.SqlType} is not a valid "
                    + $"{column.MemberType}. Convert the column with CAST, or change the member.",
            exception);
    }

    private static string NamesOf(JsonPropertyInfo[] members) =>
        string.Join(", ", members.Select(static member => $"'{member.Name}'"));

    private static string Simplify(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
