using System.Text.Json;

namespace Millrace.Sql;

/// <summary>
/// The values of one member in a loaded table, and the SQL type that holds all of them unchanged.
/// </summary>
/// <remarks>
/// A cell has a text with a mark in front: <see cref="TextMark"/> for the characters of a JSON string, or
/// <see cref="JsonMark"/> for another value as it is in the JSON. The view converts it, so that a type can be chosen
/// after all values are known.
/// </remarks>
internal sealed class MemberColumn(string name, string storedName)
{
    private const char TextMark = 's';
    private const char JsonMark = 'j';

    private readonly NumberShape _numbers = new();
    private readonly TextShape _texts = new();
    private Kinds _kinds;

    [Flags]
    private enum Kinds
    {
        None = 0,
        Text = 1,
        Number = 2,
        Boolean = 4,
        Other = 8,
    }

    /// <summary>Gets the name of the member.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the name of the column in the loaded table.</summary>
    public string StoredName { get; } = storedName;

    /// <summary>Gets whether any value is not null.</summary>
    public bool HasValues => _kinds != Kinds.None;

    /// <summary>Gets the SQL type of the column in the view.</summary>
    public string Type => _kinds switch
    {
        Kinds.Text => _texts.Type,
        Kinds.Number => _numbers.Type ?? "JSON",
        Kinds.Boolean => "BOOLEAN",
        _ => "JSON",
    };

    /// <summary>Gets the expression of the column in the view.</summary>
    public string Expression => Type switch
    {
        "VARCHAR" => $"substr({StoredName}, 2)",
        "JSON" => $"""
            CASE WHEN starts_with({StoredName}, '{TextMark}') THEN to_json(substr({StoredName}, 2))
            WHEN {StoredName} IS NOT NULL
            THEN coalesce(TRY_CAST(substr({StoredName}, 2) AS JSON), to_json(substr({StoredName}, 2))) END
            """,
        var type => $"CAST(substr({StoredName}, 2) AS {type})",
    };

    /// <summary>Returns the text of a cell for a value; null for null.</summary>
    /// <param name="reader">The reader, at the value. It is not moved.</param>
    /// <param name="raw">The bytes of the value in the JSON.</param>
    public string? Add(ref Utf8JsonReader reader, ReadOnlySpan<byte> raw)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String when TryRead(ref reader) is { } text:
                _kinds |= Kinds.Text;
                _texts.Add(text);
                return TextMark + text;
            case JsonTokenType.Number:
                _kinds |= Kinds.Number;
                var number = System.Text.Encoding.UTF8.GetString(raw);
                _numbers.Add(number);
                return JsonMark + number;
            case JsonTokenType.True or JsonTokenType.False:
                _kinds |= Kinds.Boolean;
                break;
            default:
                _kinds |= Kinds.Other;
                break;
        }
        return JsonMark + System.Text.Encoding.UTF8.GetString(raw);
    }

    /// <summary>
    /// Returns the characters of a string; null if it has half of a surrogate pair or U+0000, which the engine's texts
    /// do not have.
    /// </summary>
    private static string? TryRead(ref Utf8JsonReader reader)
    {
        try
        {
            var text = reader.GetString()!; // A string token.
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
