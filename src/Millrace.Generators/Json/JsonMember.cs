using Millrace.Generators.Marks;

namespace Millrace.Generators.Json;

/// <summary>A member of an object.</summary>
/// <param name="Name">The name in C#.</param>
/// <param name="JsonName">The name in JSON.</param>
/// <param name="Type">The type.</param>
/// <param name="Target">The time at which the value is set.</param>
/// <param name="IsRequired">True if the JSON must contain the member.</param>
/// <param name="Parameter">The name of the constructor parameter, if any.</param>
/// <param name="Default">The code of the value if the JSON does not contain the member.</param>
/// <param name="Declaring">The type that declares the member.</param>
internal sealed record JsonMember(
    string Name,
    string JsonName,
    JsonType Type,
    MemberTarget Target,
    bool IsRequired,
    string? Parameter,
    string Default,
    string Declaring)
{
    /// <summary>Gets the text of the documentation comment.</summary>
    public string? Summary { get; init; }

    /// <summary>
    /// Gets whether a value that is the default of the member's type is not written. The member has the same value if
    /// the JSON does not contain it.
    /// </summary>
    public bool LeavesOutDefault { get; init; }

    /// <summary>
    /// Gets whether null is written, because a member that the JSON does not contain has another value.
    /// </summary>
    public bool WritesNull { get; init; }

    /// <summary>
    /// Gets whether the initializer also sets the member, because the compiler requires this even if the constructor
    /// sets it.
    /// </summary>
    public bool IsSetAgain { get; init; }

    /// <summary>Gets the mark of a member whose values are stored encrypted, or null.</summary>
    public MemberMark? Mark { get; init; }

    /// <summary>Gets the accessor of an inaccessible setter of a generic type, or null for other setters.</summary>
    public GenericSetter? Generic { get; init; }
}
