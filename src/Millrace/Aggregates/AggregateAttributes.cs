namespace Millrace;

/// <summary>
/// Sets the category of an aggregate's streams. For example, with the category <c>order</c>, a stream has the name
/// <c>order-42</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class StreamAttribute(string category) : Attribute
{
    /// <summary>Gets the category, which is in lower case and contains no dash.</summary>
    public string Category { get; } = category;
}

/// <summary>Marks a handler's parameter as an aggregate that must not exist yet.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class NewAttribute : Attribute;

/// <summary>Marks a handler's parameter as an aggregate that may or may not exist.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class OrNewAttribute : Attribute;

/// <summary>
/// Names the member of the command that contains the id of this aggregate. The attribute is needed if several members
/// have the type of the id.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class FromAttribute(string member) : Attribute
{
    /// <summary>Gets the name of the member; use <c>nameof</c>.</summary>
    public string Member { get; } = member;
}
