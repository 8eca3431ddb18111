namespace Millrace;

/// <summary>
/// Marks a partial class that the generator fills with everything it finds in the assembly: events, aggregates, handlers, projections.
/// </summary>
/// <remarks>
/// Whatever it generates can also be written by hand: implement <see cref="IModel"/> and call the <see cref="ModelBuilder"/>.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ModelAttribute : Attribute;

/// <summary>
/// Makes a partial <c>readonly record struct</c> a strongly typed id over <typeparamref name="T"/>: parsing, formatting, JSON and a
/// check for emptiness are generated.
/// </summary>
/// <typeparam name="T"><see cref="Guid"/>, <see cref="string"/>, <see cref="int"/> or <see cref="long"/>.</typeparam>
[AttributeUsage(AttributeTargets.Struct, Inherited = false)]
public sealed class IdAttribute<T> : Attribute
    where T : notnull;

/// <summary>
/// Makes a partial <c>readonly record struct</c> a value over <typeparamref name="T"/> that cannot hold a bad one: the struct's own
/// <c>private static string? Problem(T value)</c> says what is wrong, or null.
/// </summary>
/// <typeparam name="T">The type of the value: text, a number, a decimal, a date, a <see cref="Guid"/>.</typeparam>
[AttributeUsage(AttributeTargets.Struct, Inherited = false)]
public sealed class ValueAttribute<T> : Attribute
    where T : notnull;

/// <summary>Gives a command or query its stable name; by default its type's name in kebab case, such as <c>place-order</c>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class MessageNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}
