using System.Globalization;
using System.Text;

namespace Millrace;

/// <summary>
/// Converts keys to the text that identifies them, and back: in the names of streams, and as keys of documents, ids of
/// processes, tags and claims.
/// </summary>
/// <remarks>
/// Two keys have the same text if and only if they are equal. The text is the same in every culture. A key is a text, a
/// number, a date or time, a <see cref="Guid"/>, an enumeration, a <c>[Id&lt;T&gt;]</c>, a <c>[Value&lt;T&gt;]</c>, or
/// implements <see cref="IKeyText"/>; any other type is refused.
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
            IKeyText own => Checked(own.ToKeyText()),
            bool flag => flag ? "true" : "false",
            decimal number => Shortest(number),
            double number => number == 0 ? "0" : number.ToString(CultureInfo.InvariantCulture), // -0.0 equals 0.0.
            float number => number == 0 ? "0" : number.ToString(CultureInfo.InvariantCulture),
            Half number => number == Half.Zero ? "0" : number.ToString(CultureInfo.InvariantCulture),
            // Equality is that of the ticks, whatever the kind.
            DateTime time => DateTime
                .SpecifyKind(time, DateTimeKind.Unspecified)
                .ToString(RoundTrip, CultureInfo.InvariantCulture),
            // Equality is that of the instants, whatever the offset.
            DateTimeOffset time => time.ToUniversalTime().ToString(RoundTrip, CultureInfo.InvariantCulture),
            DateOnly or TimeOnly => ((IFormattable)key).ToString(RoundTrip, CultureInfo.InvariantCulture),
            Enum value => EnumText(value),
            char or Rune => Checked(key.ToString()!), // Neither returns null.
            _ => ((IFormattable)key).ToString(null, CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Reads a key from its text. Also reads the text that earlier builds gave it.</summary>
    /// <remarks>A type that implements <see cref="IKeyText"/> is read by its own <c>Parse</c>.</remarks>
    /// <exception cref="FormatException">The text is not that of a key of this type.</exception>
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
            : throw new ArgumentException($"{typeof(TKey).Name} is read by its own Parse.", nameof(text));
    }

    /// <summary>
    /// The version of the text under which documents with keys of a type are stored: 0 where it never changed. A change
    /// of a type's text raises its version, so that collections with the earlier text are built again.
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
            : 0; // An object may be any of them.

        bool HasChanged<T>()
            where T : notnull => type == typeof(T) || type.IsDefined(typeof(ValueAttribute<T>), inherit: false);
    }

    /// <summary>Whether earlier builds gave keys of a type other texts in names of streams, which are still looked
    /// up.</summary>
    internal static bool HasFormer(Type type) =>
        type == typeof(bool)
        || type == typeof(DateOnly)
        || type == typeof(TimeOnly)
        || type == typeof(DateTime)
        || type == typeof(DateTimeOffset);

    /// <summary>
    /// The text that earlier builds gave a key in the name of a stream; null when it is the same, or when other keys
    /// had it too.
    /// </summary>
    /// <remarks>Equal keys have one former text, as they have one text.</remarks>
    internal static string? FormerOf<TKey>(TKey key)
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

    /// <summary>Throws if not every storage can store a document's key.</summary>
    /// <exception cref="InvalidNameException">The key is longer than <see cref="MaxDocumentKeyBytes"/>, or not well
    /// formed.</exception>
    internal static string RequireDocumentKey(string text)
    {
        // A character has at most three bytes in UTF-8, so most keys do not have to be counted.
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

    /// <summary>Removes trailing zeros, which decimals keep although 1.0 equals 1.00.</summary>
    private static string Shortest(decimal number)
    {
        if (number == 0)
            return "0";
        var text = number.ToString(CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    /// <summary>
    /// Returns the name of a value, or its number if it has none. .NET would write that number with the sign of the
    /// current culture.
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
