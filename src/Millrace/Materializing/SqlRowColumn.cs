using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Millrace.Materializing;

/// <summary>A column of a SQL statement, with the member of the rows that has its values.</summary>
internal sealed class SqlRowColumn(SqlColumn column, JsonPropertyInfo member)
{
    private static readonly HashSet<Type> Numbers =
    [
        typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long),
        typeof(ulong), typeof(float), typeof(double), typeof(decimal),
    ];

    private readonly Type _type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;

    public string Name => column.Name;

    public string SqlType => column.Type;

    public string MemberName => member.Name;

    public string MemberType => _type.Name;

    /// <summary>Gets whether the member can be null.</summary>
    public bool AllowsNull { get; } = member.AssociatedParameter is { } parameter
        ? parameter.IsNullable
        : member.IsSetNullable && (!member.PropertyType.IsValueType
            || Nullable.GetUnderlyingType(member.PropertyType) is not null);

    /// <summary>Gets whether values of the column can be values of the member.</summary>
    public bool CanMatch =>
        Numbers.Contains(_type) ? column.Kind == SqlValueKind.Number || member.NumberHandling is not null
        : _type == typeof(bool) ? column.Kind == SqlValueKind.Boolean
        : _type != typeof(string) || column.Kind == SqlValueKind.Text;

    private bool IsTime =>
        _type != typeof(string) && column.Type.StartsWith("TIMESTAMP", StringComparison.Ordinal);

    /// <summary>Writes a value as JSON. One that JSON cannot express is written as a text, which the member
    /// refuses.</summary>
    public void Write(Utf8JsonWriter writer, string? value)
    {
        writer.WritePropertyName(member.Name);
        if (value is null)
            writer.WriteNullValue();
        else if (column.Kind == SqlValueKind.Boolean)
            writer.WriteBooleanValue(value == "true");
        else if (column.Kind is SqlValueKind.Number or SqlValueKind.Json && IsJson(value))
            writer.WriteRawValue(value, skipInputValidation: true); // It is checked.
        else
            writer.WriteStringValue(IsTime ? TimeOf(value) : value);
    }

    private static bool IsJson(string value)
    {
        try
        {
            using var _ = JsonDocument.Parse(value);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Returns a time of the engine, in UTC, in the form of ISO 8601.</summary>
    private static string TimeOf(string value)
    {
        var text = value.Replace(' ', 'T');
        return text.EndsWith("+00", StringComparison.Ordinal) ? text[..^"+00".Length] + "Z" : text + "Z";
    }
}
