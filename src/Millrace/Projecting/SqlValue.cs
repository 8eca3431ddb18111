namespace Millrace;

/// <summary>A value for a parameter of an SQL statement. The default value is null.</summary>
/// <remarks>
/// If the database lacks a type, decimals and ids are bound as text, dates and times as ISO 8601 text, and booleans as
/// 0 and 1.
/// </remarks>
public readonly record struct SqlValue
{
    private SqlValue(object? value) => Value = value;

    /// <summary>Gets the null value.</summary>
    public static SqlValue Null => default;

    /// <summary>Gets the value.</summary>
    public object? Value { get; }

    /// <summary>Creates a value from a text.</summary>
    public static implicit operator SqlValue(string? value) => new(value);

    /// <summary>Creates a value from a whole number.</summary>
    public static implicit operator SqlValue(long value) => new(value);

    /// <summary>Creates a value from a whole number.</summary>
    public static implicit operator SqlValue(int value) => new((long)value);

    /// <summary>Creates a value from a boolean.</summary>
    public static implicit operator SqlValue(bool value) => new(value);

    /// <summary>Creates a value from an exact decimal.</summary>
    public static implicit operator SqlValue(decimal value) => new(value);

    /// <summary>Creates a value from a floating-point number.</summary>
    public static implicit operator SqlValue(double value) => new(value);

    /// <summary>Creates a value from a date.</summary>
    public static implicit operator SqlValue(DateOnly value) => new(value);

    /// <summary>Creates a value from an instant, in UTC.</summary>
    public static implicit operator SqlValue(DateTimeOffset value) => new(value.ToUniversalTime());

    /// <summary>Creates a value from an id.</summary>
    public static implicit operator SqlValue(Guid value) => new(value);

    /// <summary>Creates a value from bytes.</summary>
    public static implicit operator SqlValue(byte[]? value) => new(value);
}
