namespace Millrace;

/// <summary>
/// Makes a partial <c>readonly record struct</c> a validated value over <typeparamref name="T"/>. The method <c>private
/// static string? Problem(T value)</c> of the struct returns what is wrong with a value, or null.
/// </summary>
/// <typeparam name="T">The type of the value: text, a number, a decimal, a date, a <see cref="Guid"/>.</typeparam>
[AttributeUsage(AttributeTargets.Struct, Inherited = false)]
public sealed class ValueAttribute<T> : Attribute
    where T : notnull;
