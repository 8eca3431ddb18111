namespace Millrace;

/// <summary>
/// Marks a partial class that the generator fills with everything it finds in the assembly: events, aggregates,
/// handlers, projections.
/// </summary>
/// <remarks>
/// Whatever it generates can also be written by hand: implement <see cref="IModel"/> and call the
/// <see cref="ModelBuilder"/>.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ModelAttribute : Attribute;

/// <summary>Gives a command or query its stable name; by default its type's name in kebab case, such as
/// <c>place-order</c>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class MessageNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}
