namespace Millrace;

/// <summary>
/// Marks a partial class that the generator fills with everything it finds in the assembly: events, aggregates,
/// handlers, projections.
/// </summary>
/// <remarks>
/// The generated code can also be written by hand: implement <see cref="IModel"/> and call the
/// <see cref="ModelBuilder"/>.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ModelAttribute : Attribute;

/// <summary>
/// Sets the stable name of a command or query; by default the type's name in kebab case, such as <c>place-order</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class MessageNameAttribute(string name) : Attribute
{
    /// <summary>Gets the name.</summary>
    public string Name { get; } = name;
}
