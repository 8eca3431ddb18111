namespace Millrace;

/// <summary>Sets the category of an aggregate's streams: <c>order</c> gives <c>order-42</c>.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class StreamAttribute(string category) : Attribute
{
    /// <summary>Gets the category: lower case, without a dash.</summary>
    public string Category { get; } = category;
}

/// <summary>Marks a handler's parameter as an aggregate that must not exist yet.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class NewAttribute : Attribute;

/// <summary>Marks a handler's parameter as an aggregate that may or may not exist.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class OrNewAttribute : Attribute;

/// <summary>
/// Names the member of the command that holds the id of this aggregate. Needed where the type of the id matches several
/// members.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class FromAttribute(string member) : Attribute
{
    /// <summary>Gets the name of the member; use <c>nameof</c>.</summary>
    public string Member { get; } = member;
}
