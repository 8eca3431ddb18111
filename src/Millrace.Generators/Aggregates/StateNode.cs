using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Aggregates;

/// <summary>The form in which a part of a state is written.</summary>
internal enum StateNodeKind
{
    Primitive,
    Wrapper,
    Enum,
    Nullable,
    List,
    Map,
    Object,
    Cases,
    Text,
}

/// <summary>A part of a state, with its nested parts.</summary>
/// <param name="Form">The form in which the part is written.</param>
/// <param name="MayBeNull">True for a reference or a <see cref="Nullable{T}"/>.</param>
/// <param name="HasDefault">True if the type has an <c>IsDefault</c> property, which is true for a default
/// value.</param>
/// <param name="Primitive">The primitive type, or the primitive type that the type wraps.</param>
/// <param name="Item">The item type of a list, a map or a nullable.</param>
/// <param name="Members">The members of an object.</param>
internal sealed record StateNode(
    StateNodeKind Form,
    bool MayBeNull,
    bool HasDefault = false,
    Primitive? Primitive = null,
    StateNode? Item = null,
    EquatableArray<StateMember> Members = default)
{
    /// <summary>
    /// Gets the possible types of a value of an abstract type. A derived type comes before its base type.
    /// </summary>
    public EquatableArray<StateCase> Cases { get; init; }
}

/// <summary>One of several types that a value can have.</summary>
/// <param name="Type">The full name.</param>
/// <param name="JsonName">The display name.</param>
/// <param name="Members">The members.</param>
internal sealed record StateCase(string Type, string JsonName, EquatableArray<StateMember> Members);

/// <summary>A field or property of the state.</summary>
/// <param name="Name">The name in code.</param>
/// <param name="JsonName">The display name.</param>
/// <param name="Node">The content.</param>
internal sealed record StateMember(string Name, string JsonName, StateNode Node);
