namespace Millrace;

/// <summary>
/// Makes a partial <c>readonly record struct</c> a validated value that wraps <typeparamref name="T"/>. The struct's
/// method <c>private static string? Problem(T value)</c> returns the problem of an invalid value, or null for a valid
/// value.
/// </summary>
/// <typeparam name="T">The type of the value, such as a text, a number, a decimal, a date or a
/// <see cref="Guid"/>.</typeparam>
[AttributeUsage(AttributeTargets.Struct, Inherited = false)]
public sealed class ValueAttribute<T> : Attribute
    where T : notnull;
