using System.Globalization;

namespace Millrace.Sql;

/// <summary>The SQL type of the texts of a member: a date or an instant if every text is one, and otherwise
/// text.</summary>
internal sealed class TextShape
{
    private const int DateLength = 10;
    private const int SecondsLength = 19;
    private const int MaxFractionDigits = 7; // As .NET writes times. The engine has six.
    private const int OffsetLength = 6;

    private bool _areDates = true;
    private bool _areInstants = true;

    public string Type => _areDates ? "DATE" : _areInstants ? "TIMESTAMPTZ" : "VARCHAR";

    public void Add(string text)
    {
        _areDates = _areDates && IsDate(text);
        _areInstants = _areInstants && IsInstant(text);
    }

    private static bool IsDate(string text) =>
        text.Length == DateLength
        && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsOffset(ReadOnlySpan<char> text) => TimeOnly.TryParseExact(
        text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var offset) && offset.Hour <= 14;

    /// <summary>Returns whether a text is an instant in UTC or with an offset.</summary>
    private static bool IsInstant(string text)
    {
        if (text.Length <= SecondsLength
            || !DateTime.TryParseExact(
                text.AsSpan(0, SecondsLength),
                "yyyy-MM-dd'T'HH:mm:ss",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out _))
            return false;
        var rest = text.AsSpan(SecondsLength);
        if (rest[0] == '.')
        {
            var fraction = rest[1..];
            var end = fraction.IndexOfAnyExceptInRange('0', '9');
            if (end is < 1 or > MaxFractionDigits)
                return false;
            rest = fraction[end..];
        }
        return rest is "Z" || (rest.Length == OffsetLength && rest[0] is '+' or '-' && IsOffset(rest[1..]));
    }
}
