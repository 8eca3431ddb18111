namespace Millrace;

/// <summary>A value for a parameter of a statement: what a database can hold. The default value is null.</summary>
/// <remarks>
/// Decimals and ids are bound as text, dates and times as ISO 8601 text, booleans as 0 and 1 where the database knows
/// none of these.
/// </remarks>
public readonly record struct SqlValue
{
    private SqlValue(object? value) => Value = value;

    /// <summary>Null.</summary>
    public static SqlValue Null => default;

    /// <summary>The value as it was given.</summary>
    public object? Value { get; }

    /// <summary>A text.</summary>
    public static implicit operator SqlValue(string? value) => new(value);

    /// <summary>A whole number.</summary>
    public static implicit operator SqlValue(long value) => new(value);

    /// <summary>A whole number.</summary>
    public static implicit operator SqlValue(int value) => new((long)value);

    /// <summary>A truth value.</summary>
    public static implicit operator SqlValue(bool value) => new(value);

    /// <summary>An exact decimal.</summary>
    public static implicit operator SqlValue(decimal value) => new(value);

    /// <summary>A floating-point number.</summary>
    public static implicit operator SqlValue(double value) => new(value);

    /// <summary>A date.</summary>
    public static implicit operator SqlValue(DateOnly value) => new(value);

    /// <summary>An instant, in UTC.</summary>
    public static implicit operator SqlValue(DateTimeOffset value) => new(value.ToUniversalTime());

    /// <summary>An id.</summary>
    public static implicit operator SqlValue(Guid value) => new(value);

    /// <summary>Bytes.</summary>
    public static implicit operator SqlValue(byte[]? value) => new(value);
}
