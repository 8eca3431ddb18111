namespace Millrace.Serialization;

/// <summary>The description of a member of a JSON object.</summary>
/// <param name="Name">The name in JSON.</param>
/// <param name="Type">The type.</param>
/// <param name="IsRequired">True if an object without the member is refused.</param>
public sealed record MemberDescription(string Name, Type Type, bool IsRequired)
{
    /// <summary>
    /// Gets whether the member may be null. The default is false. A member with the value null is omitted when the
    /// object is written.
    /// </summary>
    public bool AllowsNull { get; init; }

    /// <summary>Gets whether the member is written but never read. The default is false.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>
    /// Gets whether the member has <see cref="PersonalDataAttribute"/> or <see cref="SecretAttribute"/>. The default is
    /// false.
    /// </summary>
    public bool IsMarked { get; init; }

    /// <summary>Gets the description for users; null if there is no description.</summary>
    public string? Summary { get; init; }
}
