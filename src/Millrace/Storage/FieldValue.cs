using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Millrace.Storage;

/// <summary>
/// The value of a document's field. The value is a text, a whole number, a decimal, a floating-point number, the ticks
/// of a date or time, or null (the default).
/// </summary>
public readonly record struct FieldValue
{
    private readonly object? _value;

    private FieldValue(object? value) => _value = value;

    /// <summary>Gets the null value.</summary>
    public static FieldValue Null => default;

    /// <summary>Gets whether the value is null.</summary>
    public bool IsNull => _value is null;

    /// <summary>
    /// Gets the value as <see cref="string"/>, <see cref="long"/>, <see cref="decimal"/>, <see cref="double"/>,
    /// <see cref="TimeSpan"/> (ticks, for dates since the year 1), or null. A hash is a <see cref="string"/>.
    /// </summary>
    public object? Value => _value is HashText hash ? hash.Text : _value;

    /// <summary>Gets whether the value is a hash, for a field of the kind <see cref="FieldKind.Hash"/>.</summary>
    public bool IsHash => _value is HashText;

    /// <summary>Gets the value from which the hash of a condition was computed; null for other values.</summary>
    internal FieldValue? HashedValue => (_value as HashText)?.Plain;

    /// <summary>Creates the value of a field of the kind <see cref="FieldKind.Hash"/>.</summary>
    /// <param name="hash">The text of the hash.</param>
    public static FieldValue OfHash(string hash)
    {
        ArgumentException.ThrowIfNullOrEmpty(hash);
        return new FieldValue(new HashText(hash, null));
    }

    /// <summary>
    /// Creates a hash for a condition. The value itself applies to the documents of a former version, whose field is
    /// not a hash.
    /// </summary>
    internal static FieldValue OfHash(string hash, FieldValue plain) => new(new HashText(hash, plain));

    /// <summary>Converts a text.</summary>
    public static implicit operator FieldValue(string? value) => new(value);

    /// <summary>Converts a whole number.</summary>
    public static implicit operator FieldValue(long value) => new(value);

    /// <summary>Converts a whole number.</summary>
    public static implicit operator FieldValue(int value) => new((long)value);

    /// <summary>Converts a boolean to 0 or 1.</summary>
    public static implicit operator FieldValue(bool value) => new(value ? 1L : 0L);

    /// <summary>Converts a decimal.</summary>
    public static implicit operator FieldValue(decimal value) => new(value);

    /// <summary>Converts a floating-point number.</summary>
    public static implicit operator FieldValue(double value) => new(value);

    /// <summary>Converts a date to its text, <c>2011-12-05</c>.</summary>
    public static implicit operator FieldValue(DateOnly value) =>
        new(value.ToString("O", CultureInfo.InvariantCulture));

    /// <summary>Converts an id to its text.</summary>
    public static implicit operator FieldValue(Guid value) => new(value.ToString());

    /// <summary>Converts a character to its number, which defines the order of characters in .NET.</summary>
    public static implicit operator FieldValue(char value) => new((long)value);

    /// <summary>Converts a whole number to a decimal.</summary>
    public static implicit operator FieldValue(ulong value) => new((decimal)value);

    /// <summary>Converts an instant to its ticks in UTC.</summary>
    public static implicit operator FieldValue(DateTimeOffset value) => new(new TimeSpan(value.UtcTicks));

    /// <summary>Converts a date and time of any kind to its ticks.</summary>
    public static implicit operator FieldValue(DateTime value) => new(new TimeSpan(value.Ticks));

    /// <summary>Converts a time of day to its ticks.</summary>
    public static implicit operator FieldValue(TimeOnly value) => new(value.ToTimeSpan());

    /// <summary>Converts a duration to its ticks.</summary>
    public static implicit operator FieldValue(TimeSpan value) => new(value);

    /// <summary>
    /// Creates the value of a field that is marked with <see cref="IndexedAttribute"/>. An enumeration value becomes
    /// its number.
    /// </summary>
    /// <exception cref="ArgumentException">The values of the type have no order that a column supports.</exception>
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
    /// Parses a value from its text in JSON, for example from a query string. For an enumeration, the method accepts
    /// all names and numbers.
    /// </summary>
    /// <typeparam name="T">The type of the indexed member. For a type with <c>[Id]</c> or <c>[Value]</c>, the type that
    /// it wraps.</typeparam>
    /// <returns>The value; null if the text is not valid.</returns>
    public static FieldValue? Parse<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(
        string text) => FieldValueReader.Parse<T>(text);

    /// <summary>
    /// Converts an instant to microseconds since 1970, the form in which the collections of Millrace store instants.
    /// </summary>
    internal static FieldValue Microseconds(DateTimeOffset? value) => value is { } instant
        ? (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond
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
                $"A field cannot contain a {value.GetType().Name}: use a text, number, date, time, id or enumeration.",
                nameof(value)),
        };

    private static FieldValue Of(Enum value) => value.GetTypeCode() == TypeCode.UInt64
        ? Convert.ToUInt64(value, CultureInfo.InvariantCulture)
        : Convert.ToInt64(value, CultureInfo.InvariantCulture);

    /// <summary>A hash. The value that it was computed from is never stored, compared or shown.</summary>
    private sealed record HashText(string Text, FieldValue? Plain)
    {
        public bool Equals(HashText? other) => other?.Text == Text;

        public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

        public override string ToString() => Text;
    }

    /// <inheritdoc/>
    public override string ToString() => Convert.ToString(_value, CultureInfo.InvariantCulture) ?? "null";
}
