using System.Globalization;

namespace Millrace.Storage;

/// <summary>The value of a field of a document: text, whole number, decimal, floating-point number, or null (the default).</summary>
public readonly record struct FieldValue
{
    private readonly object? _value;

    private FieldValue(object? value) => _value = value;

    /// <summary>Null.</summary>
    public static FieldValue Null => default;

    /// <summary>True for null.</summary>
    public bool IsNull => _value is null;

    /// <summary>The value as <see cref="string"/>, <see cref="long"/>, <see cref="decimal"/>, <see cref="double"/>, or null.</summary>
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
    public static implicit operator FieldValue(DateOnly value) => new(value.ToString("O", CultureInfo.InvariantCulture));

    /// <summary>The text of an id.</summary>
    public static implicit operator FieldValue(Guid value) => new(value.ToString());

    /// <summary>Microseconds since 1970.</summary>
    public static implicit operator FieldValue(DateTimeOffset value)
        => new((value.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);

    /// <summary>Makes a value of what is at hand; everything unknown becomes its invariant text.</summary>
    public static FieldValue From<T>(T value) => value switch
    {
        null => Null,
        string text => text,
        long number => number,
        int number => number,
        short number => number,
        byte number => number,
        bool flag => flag,
        decimal number => number,
        double number => number,
        float number => number,
        DateOnly date => date,
        Guid id => id,
        DateTimeOffset instant => instant,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    /// <inheritdoc/>
    public override string ToString() => Convert.ToString(_value, CultureInfo.InvariantCulture) ?? "null";
}
