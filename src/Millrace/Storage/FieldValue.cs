using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Millrace.Storage;

/// <summary>
/// The value of a field of a document: text, whole number, decimal, floating-point number, date and time in ticks, or
/// null (the default).
/// </summary>
public readonly record struct FieldValue
{
    private readonly object? _value;

    private FieldValue(object? value) => _value = value;

    /// <summary>Null.</summary>
    public static FieldValue Null => default;

    /// <summary>True for null.</summary>
    public bool IsNull => _value is null;

    /// <summary>
    /// The value as <see cref="string"/>, <see cref="long"/>, <see cref="decimal"/>, <see cref="double"/>,
    /// <see cref="TimeSpan"/>
    /// (ticks, of dates since the year 1), or null.
    /// </summary>
    public object? Value => _value;

    /// <summary>A text.</summary>
    public static implicit operator FieldValue(string? value) => new(value);

    /// <summary>A whole number.</summary>
    public static implicit operator FieldValue(long value) => new(value);

    /// <summary>A whole number.</summary>
    public static implicit operator FieldValue(int value) => new((long)value);

    /// <summary>0 or 1.</summary>
    public static implicit operator FieldValue(bool value) => new(value ? 1L : 0L);

    /// <summary>A decimal.</summary>
    public static implicit operator FieldValue(decimal value) => new(value);

    /// <summary>A floating-point number.</summary>
    public static implicit operator FieldValue(double value) => new(value);

    /// <summary>The text of a date, <c>2011-12-05</c>.</summary>
    public static implicit operator FieldValue(DateOnly value) =>
        new(value.ToString("O", CultureInfo.InvariantCulture));

    /// <summary>The text of an id.</summary>
    public static implicit operator FieldValue(Guid value) => new(value.ToString());

    /// <summary>The number of a character, as .NET orders characters.</summary>
    public static implicit operator FieldValue(char value) => new((long)value);

    /// <summary>A whole number, as the decimal that holds it.</summary>
    public static implicit operator FieldValue(ulong value) => new((decimal)value);

    /// <summary>The ticks of an instant in UTC.</summary>
    public static implicit operator FieldValue(DateTimeOffset value) => new(new TimeSpan(value.UtcTicks));

    /// <summary>The ticks of a date and time, whatever its kind.</summary>
    public static implicit operator FieldValue(DateTime value) => new(new TimeSpan(value.Ticks));

    /// <summary>The ticks of a time of day.</summary>
    public static implicit operator FieldValue(TimeOnly value) => new(value.ToTimeSpan());

    /// <summary>The ticks of a duration.</summary>
    public static implicit operator FieldValue(TimeSpan value) => new(value);

    /// <summary>Makes the value of a field that is marked <see cref="IndexedAttribute"/>. An enumeration becomes its
    /// number.</summary>
    /// <exception cref="ArgumentException">Values of the type have no order that a column can have.</exception>
    public static FieldValue From<T>(T value) => value switch
    {
        null => Null,
        FieldValue known => known,
        string text => text,
        Enum number => Of(number),
        long or int or short or sbyte or byte or ushort or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        ulong number => number,
        char character => character,
        bool flag => flag,
        decimal number => number,
        double number => number,
        float number => number,
        Half number => (double)number,
        _ => OfTime(value),
    };

    /// <summary>
    /// Reads the text of a value as JSON shows it, such as one of a query string. Of an enumeration, all names and
    /// numbers are known.
    /// </summary>
    /// <typeparam name="T">The type of the indexed member; of an id or a value, what it is of.</typeparam>
    /// <returns>Null when it is none of that type.</returns>
    public static FieldValue? Parse<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(
        string text) => FieldValueReader.Parse<T>(text);

    /// <summary>Microseconds since 1970, as the platform's own collections of whole numbers keep instants.</summary>
    internal static FieldValue Microseconds(DateTimeOffset? value) => value is { } at
        ? (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond
        : Null;

    private static FieldValue OfTime(object value) =>
        value switch
        {
            DateOnly date => date,
            Guid id => id,
            DateTimeOffset instant => instant,
            DateTime time => time,
            TimeOnly time => time,
            TimeSpan duration => duration,
            _ => throw new ArgumentException(
                $"A field cannot hold a {value.GetType().Name}: give a text, number, date, time, id or enumeration.",
                nameof(value)),
        };

    private static FieldValue Of(Enum value) => value.GetTypeCode() == TypeCode.UInt64
        ? Convert.ToUInt64(value, CultureInfo.InvariantCulture)
        : Convert.ToInt64(value, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string ToString() => Convert.ToString(_value, CultureInfo.InvariantCulture) ?? "null";
}
