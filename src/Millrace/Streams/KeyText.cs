using System.Globalization;
using System.Text;
using Millrace.Events;
using Millrace.Streams;

namespace Millrace;

/// <summary>
/// Converts keys to texts that identify them, and back. Names of streams, keys of documents, ids of processes, tags and
/// claims contain these texts.
/// </summary>
/// <remarks>
/// Two keys have the same text if and only if they are equal. The text is the same in every culture. A key can be a
/// text, a number, a date or time, a <see cref="Guid"/>, an enumeration, a <c>[Id&lt;T&gt;]</c>, a
/// <c>[Value&lt;T&gt;]</c>, or a type that implements <see cref="IKeyText"/>. Any other type is refused.
/// </remarks>
public static class KeyText
{
    /// <summary>The maximum length of a document's key, in bytes of UTF-8: 1,024.</summary>
    public const int MaxDocumentKeyBytes = 1_024;

    private const string RoundTrip = "O";

    /// <summary>Returns the text of a key.</summary>
    /// <exception cref="ArgumentException">The type cannot be a key.</exception>
    /// <exception cref="InvalidNameException">The text contains NUL or half of a surrogate pair.</exception>
    /// <exception cref="InvalidOperationException">The key is the default value of a <c>[Id]</c> or
    /// <c>[Value]</c>.</exception>
    public static string Of<TKey>(TKey key)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        KeyType<TKey>.RequireKey(key);
        return key switch
        {
            string text => Checked(text),
            IKeyText custom => Checked(custom.ToKeyText()),
            bool flag => flag ? "true" : "false",
            decimal number => Shortest(number),
            double number => number == 0 ? "0" : number.ToString(CultureInfo.InvariantCulture), // -0.0 equals 0.0.
            float number => number == 0 ? "0" : number.ToString(CultureInfo.InvariantCulture),
            Half number => number == Half.Zero ? "0" : number.ToString(CultureInfo.InvariantCulture),
            // Two values with equal ticks are equal, even if their kinds differ.
            DateTime time => DateTime
                .SpecifyKind(time, DateTimeKind.Unspecified)
                .ToString(RoundTrip, CultureInfo.InvariantCulture),
            // Two values for the same instant are equal, even if their offsets differ.
            DateTimeOffset time => time.ToUniversalTime().ToString(RoundTrip, CultureInfo.InvariantCulture),
            DateOnly or TimeOnly => ((IFormattable)key).ToString(RoundTrip, CultureInfo.InvariantCulture),
            Enum value => EnumText(value),
            char or Rune => Checked(key.ToString()!), // Neither returns null.
            _ => ((IFormattable)key).ToString(null, CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Parses a key from its text. Texts from earlier versions of Millrace are also accepted.</summary>
    /// <remarks>
    /// For a type that implements <see cref="IKeyText"/>, call the <c>Parse</c> method of the type instead.
    /// </remarks>
    /// <exception cref="FormatException">The text is not a key of this type.</exception>
    /// <exception cref="OverflowException">The number is outside of the type's range.</exception>
    /// <exception cref="ArgumentException">The type cannot be a key, or implements <see cref="IKeyText"/>.</exception>
    public static TKey Parse<TKey>(string text)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(text);
        KeyType<TKey>.RequireKey();
        if (typeof(TKey).IsEnum)
            return (TKey)ParseEnum(typeof(TKey), text);
        return BuiltInKeys.Parsers.TryGetValue(typeof(TKey), out var parse)
            ? (TKey)parse(text)
            : throw new ArgumentException(
                $"{typeof(TKey).Name} must be parsed with its own Parse method.", nameof(text));
    }

    /// <summary>
    /// Returns the version of the text format for keys of a type; 0 if the format never changed. Each change of the
    /// format increases the version, so that collections with keys in an earlier format are built again.
    /// </summary>
    internal static int CodingOf(Type type)
    {
        return
            HasChanged<bool>()
            || HasChanged<decimal>()
            || HasChanged<double>()
            || HasChanged<float>()
            || HasChanged<Half>()
            || HasChanged<DateTime>()
            || HasChanged<DateTimeOffset>()
            || type == typeof(object)
            ? 1
            : 0; // An object may be a key of any type.

        bool HasChanged<T>()
            where T : notnull => type == typeof(T) || type.IsDefined(typeof(ValueAttribute<T>), inherit: false);
    }

    /// <summary>
    /// Returns whether earlier versions of Millrace used other texts for keys of a type in names of streams, so that
    /// these names are still looked up.
    /// </summary>
    internal static bool HasFormerText(Type type) =>
        type == typeof(bool)
        || type == typeof(DateOnly)
        || type == typeof(TimeOnly)
        || type == typeof(DateTime)
        || type == typeof(DateTimeOffset);

    /// <summary>
    /// Returns the text that earlier versions of Millrace used for a key in names of streams. Returns null if the text
    /// is unchanged, or if other keys had the same text.
    /// </summary>
    /// <remarks>Equal keys have the same former text.</remarks>
    internal static string? FormerTextOf<TKey>(TKey key)
        where TKey : notnull => key switch
        {
            bool flag => flag ? bool.TrueString : bool.FalseString,
            DateOnly date => date.ToString(CultureInfo.InvariantCulture),
            DateTime time when time.Ticks % TimeSpan.TicksPerSecond == 0 => time.ToString(CultureInfo.InvariantCulture),
            DateTimeOffset time when time.Ticks % TimeSpan.TicksPerSecond == 0 =>
                time.ToUniversalTime().ToString(CultureInfo.InvariantCulture),
            TimeOnly time when time.Ticks % TimeSpan.TicksPerMinute == 0 => time.ToString(CultureInfo.InvariantCulture),
            _ => null,
        };

    /// <summary>Throws an exception if some storages cannot store the key of a document.</summary>
    /// <exception cref="InvalidNameException">The key is longer than <see cref="MaxDocumentKeyBytes"/>, or not well
    /// formed.</exception>
    internal static string RequireDocumentKey(string text)
    {
        // A character has at most three bytes in UTF-8, so the bytes of most keys do not have to be counted.
        var isLong = text.Length > MaxDocumentKeyBytes / 3 && Encoding.UTF8.GetByteCount(text) > MaxDocumentKeyBytes;
        return isLong
            ? throw new InvalidNameException(
                "document key", text, $"it is longer than {MaxDocumentKeyBytes} bytes of UTF-8")
            : Checked(text);
    }

    private static string Checked(string text)
    {
        WellFormedText.Check("key", text, int.MaxValue);
        return text;
    }

    /// <summary>Returns the text of a decimal without trailing zeros, because 1.0 and 1.00 are equal.</summary>
    private static string Shortest(decimal number)
    {
        if (number == 0)
            return "0";
        var text = number.ToString(CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    /// <summary>
    /// Returns the name of an enumeration value, or the number if the value has no name. The default text of .NET would
    /// contain the minus sign of the current culture.
    /// </summary>
    private static string EnumText(Enum value)
    {
        var text = value.ToString();
        var number = Convert.ChangeType(value, Enum.GetUnderlyingType(value.GetType()), CultureInfo.InvariantCulture);
        var digits = Convert.ToString(number, CultureInfo.InvariantCulture)!; // A number has a text.
        var isNumber = digits[0] == '-' && text == NumberFormatInfo.CurrentInfo.NegativeSign + digits[1..];
        return isNumber ? digits : text;
    }

    private static object ParseEnum(Type type, string text) => Enum.TryParse(type, text, out var found)
        ? found
        : throw new FormatException($"'{text}' is not a {type.Name}.");
}
