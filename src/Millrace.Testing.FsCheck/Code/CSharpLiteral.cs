using System.Globalization;
using System.Text;

namespace Millrace.Testing.Code;

/// <summary>Writes texts, numbers and times as C# literals.</summary>
internal static class CSharpLiteral
{
    private const int MaxLiteralRun = 40;

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Returns the literal; null for other types.</summary>
    public static string? Of(object value) => value switch
    {
        string text => Text(text),
        char one => $"'{(one is '\'' ? "\\'" : one is '"' ? "\"" : Escaped(one))}'",
        bool flag => flag ? "true" : "false",
        int or short or ushort or byte or sbyte => ((IFormattable)value).ToString(null, Culture),
        long number => number.ToString(Culture) + "L",
        uint number => number.ToString(Culture) + "U",
        ulong number => number.ToString(Culture) + "UL",
        decimal number => number.ToString(Culture) + "m",
        double number => Floating(number, "double", "d"),
        float number => Floating(number, "float", "f"),
        Guid id => $"Guid.Parse(\"{id}\")",
        DateTimeOffset time => Time(time),
        DateTime time => string.Create(Culture, $"new DateTime({time.Ticks}L, DateTimeKind.{time.Kind})"),
        DateOnly day => string.Create(Culture, $"new DateOnly({day.Year}, {day.Month}, {day.Day})"),
        TimeOnly time => string.Create(Culture, $"new TimeOnly({time.Ticks}L)"),
        TimeSpan span => string.Create(Culture, $"TimeSpan.FromTicks({span.Ticks}L)"),
        _ => null,
    };

    /// <summary>Writes a text without escaping letters. A repeated character is written with its count.</summary>
    public static string Text(string text)
    {
        if (text.Length > MaxLiteralRun && text.AsSpan().IndexOfAnyExcept(text[0]) < 0)
            return string.Create(
                Culture, $"new string('{(text[0] == '\'' ? "\\'" : Escaped(text[0]))}', {text.Length})");
        var written = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
            written.Append(rune.IsBmp ? Escaped((char)rune.Value) : Escaped(rune));
        return written.Append('"').ToString();
    }

    private static string Floating(double number, string type, string suffix) =>
        double.IsNaN(number) ? type + ".NaN"
        : double.IsPositiveInfinity(number) ? type + ".PositiveInfinity"
        : double.IsNegativeInfinity(number) ? type + ".NegativeInfinity"
        : (suffix == "f" ? ((float)number).ToString("R", Culture) : number.ToString("R", Culture)) + suffix;

    private static string Time(DateTimeOffset time)
    {
        var offset = time.Offset == TimeSpan.Zero
            ? "TimeSpan.Zero"
            : string.Create(Culture, $"TimeSpan.FromMinutes({time.Offset.TotalMinutes})");
        var fraction = time.Ticks % TimeSpan.TicksPerSecond;
        var parts = string.Create(
            Culture,
            $"new DateTimeOffset({time.Year}, {time.Month}, {time.Day}, {time.Hour}, {time.Minute}, {time.Second}, "
                + $"{offset})"
        );
        return fraction == 0 ? parts : string.Create(Culture, $"{parts}.AddTicks({fraction})");
    }

    private static string Escaped(char one) => one switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\0' => "\\0",
        _ => IsVisible(char.GetUnicodeCategory(one)) ? one.ToString() : $"\\u{(int)one:X4}",
    };

    private static string Escaped(Rune rune) =>
        IsVisible(Rune.GetUnicodeCategory(rune)) ? rune.ToString() : $"\\U{rune.Value:X8}";

    /// <summary>Returns true for characters that are visible and do not affect their neighbors.</summary>
    private static bool IsVisible(UnicodeCategory category) =>
        category
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.NonSpacingMark);
}
