namespace Millrace;

/// <summary>
/// Marks a partial class as a model. The generator adds the registration of all events, aggregates, handlers and
/// projections of the assembly.
/// </summary>
/// <remarks>
/// You can also write this code by hand. Implement <see cref="IModel"/>, and call the methods of
/// <see cref="ModelBuilder"/>.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ModelAttribute : Attribute;

/// <summary>
/// Sets the stable name of a command or query. The default is the type's name in kebab case, such as
/// <c>place-order</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class MessageNameAttribute(string name) : Attribute
{
    /// <summary>Gets the name.</summary>
    public string Name { get; } = name;
}
