namespace Millrace.Serialization;

/// <summary>Describes a member of a JSON object.</summary>
/// <param name="Name">The name in JSON.</param>
/// <param name="Type">The type.</param>
/// <param name="IsRequired">True if an object without the member is refused.</param>
public sealed record MemberDescription(string Name, Type Type, bool IsRequired)
{
    /// <summary>
    /// Gets whether the member may be null; a null member is omitted when the object is written. False by default.
    /// </summary>
    public bool AllowsNull { get; init; }

    /// <summary>Gets whether the member is written but never read. False by default.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Gets the description for users; null if there is none.</summary>
    public string? Summary { get; init; }
}
