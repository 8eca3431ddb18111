namespace Millrace;

/// <summary>Marks a member of an event whose value becomes a tag of the recorded event.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class TagAttribute : Attribute
{
    /// <summary>Uses the member's name in camel case as the name of the tag.</summary>
    public TagAttribute()
    {
    }

    /// <summary>Uses <paramref name="name"/> as the name of the tag.</summary>
    public TagAttribute(string name) => Name = name;

    /// <summary>Gets the name of the tag; null if the member's name is used.</summary>
    public string? Name { get; }
}
