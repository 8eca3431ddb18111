using System.Globalization;

namespace Millrace.Sql;

/// <summary>The narrowest SQL type that holds all numbers of a member exactly.</summary>
internal sealed class NumberShape
{
    private const int MaxDecimalDigits = 38;

    // A double of this size keeps any 15 digits.
    private const int SafeDoubleDigits = 15;
    private const double MinSafeDouble = 1e-290;
    private const double MaxSafeDouble = 1e290;

    private bool _areInt64 = true;
    private bool _areWhole = true;
    private bool _arePlain = true;
    private bool _areDoubles = true;
    private int _wholeDigits = 1;
    private int _scale;

    /// <summary>Gets the SQL type; null if no type holds all numbers.</summary>
    public string? Type =>
        _areInt64 ? "BIGINT"
        : _arePlain && _wholeDigits + _scale <= MaxDecimalDigits ? DecimalType
        : _areDoubles ? "DOUBLE"
        : null;

    // A HUGEINT has up to 38 digits, whatever they are.
    private string DecimalType => _areWhole
        ? "HUGEINT"
        : string.Create(CultureInfo.InvariantCulture, $"DECIMAL({_wholeDigits + _scale},{_scale})");

    /// <summary>Adds a number as it is in JSON.</summary>
    public void Add(string text)
    {
        _areInt64 = _areInt64 && text != "-0"
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        if (text.AsSpan().IndexOfAny('e', 'E') >= 0 || text is "-0")
            (_arePlain, _areWhole) = (false, false);
        else
            AddPlain(text.AsSpan().TrimStart('-'));
        _areDoubles = _areDoubles && IsDouble(text);
    }

    private void AddPlain(ReadOnlySpan<char> digits)
    {
        var point = digits.IndexOf('.');
        var whole = point < 0 ? digits.Length : point;
        _areWhole &= point < 0;
        _wholeDigits = Math.Max(_wholeDigits, whole);
        _scale = Math.Max(_scale, digits.Length - whole - (point < 0 ? 0 : 1));
    }

    /// <summary>Returns whether a double has exactly the value that its shortest text has.</summary>
    private static bool IsDouble(string text)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            || !double.IsFinite(value))
            return false;
        var digits = DigitsOf(text);
        return (digits.Digits.Length <= SafeDoubleDigits && Math.Abs(value) is > MinSafeDouble and < MaxSafeDouble)
            || digits == DigitsOf(value.ToString("R", CultureInfo.InvariantCulture));
    }

    /// <summary>Returns the digits of a number without zeros at both ends, and the exponent of ten of the last
    /// digit.</summary>
    private static (string Digits, long Exponent, bool IsNegative) DigitsOf(string text)
    {
        var mark = text.AsSpan().IndexOfAny('e', 'E');
        var number = (mark < 0 ? text : text[..mark]).TrimStart('-');
        var exponent = mark < 0 || !long.TryParse(
            text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)
            ? 0
            : parsed;
        var point = number.IndexOf('.', StringComparison.Ordinal);
        var digits = number.Replace(".", "", StringComparison.Ordinal);
        exponent -= point < 0 ? 0 : number.Length - point - 1;
        var trimmed = digits.TrimEnd('0');
        exponent += digits.Length - trimmed.Length;
        trimmed = trimmed.TrimStart('0');
        return trimmed.Length == 0 ? ("", 0, text[0] == '-') : (trimmed, exponent, text[0] == '-');
    }
}
