namespace Millrace;

/// <summary>Names the category of an aggregate's streams: <c>order</c> makes <c>order-42</c>.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class StreamAttribute(string category) : Attribute
{
    /// <summary>The category: lower case, without a dash.</summary>
    public string Category { get; } = category;
}

/// <summary>A handler's aggregate that must not exist yet.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class NewAttribute : Attribute;

/// <summary>A handler's aggregate that may exist or not.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class OrNewAttribute : Attribute;

/// <summary>Names the command's member that holds the id of this aggregate, where the type alone does not
/// tell.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class FromAttribute(string member) : Attribute
{
    /// <summary>The member's name; use <c>nameof</c>.</summary>
    public string Member { get; } = member;
}
