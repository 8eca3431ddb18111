namespace Millrace;

/// <summary>
/// Makes a partial <c>readonly record struct</c> a value over <typeparamref name="T"/> that cannot hold a bad one: the
/// struct's own <c>private static string? Problem(T value)</c> says what is wrong, or null.
/// </summary>
/// <typeparam name="T">The type of the value: text, a number, a decimal, a date, a <see cref="Guid"/>.</typeparam>
[AttributeUsage(AttributeTargets.Struct, Inherited = false)]
public sealed class ValueAttribute<T> : Attribute
    where T : notnull;
