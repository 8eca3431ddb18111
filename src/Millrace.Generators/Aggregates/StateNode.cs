namespace Millrace.Generators;

/// <summary>How a part of a state is told.</summary>
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

/// <summary>A part of a state, down to what has no parts.</summary>
/// <param name="Form">How it is told.</param>
/// <param name="MayBeNull">Whether it is a reference or a <see cref="Nullable{T}"/>.</param>
/// <param name="HasDefault">Whether its default value holds nothing, and says so by <c>IsDefault</c>.</param>
/// <param name="Primitive">The primitive it is or holds.</param>
/// <param name="Item">What a list, a map or a nullable is of.</param>
/// <param name="Members">The members of an object.</param>
internal sealed record StateNode(
    StateNodeKind Form,
    bool MayBeNull,
    bool HasDefault = false,
    Primitive? Primitive = null,
    StateNode? Item = null,
    EquatableArray<StateMember> Members = default)
{
    /// <summary>The types that a value of an abstract type can be of; those that derive from another of them come
    /// first.</summary>
    public EquatableArray<StateCase> Cases { get; init; }
}

/// <summary>One of several types that a value can be of.</summary>
/// <param name="Type">Its full name.</param>
/// <param name="JsonName">Its name for people.</param>
/// <param name="Members">Its members.</param>
internal sealed record StateCase(string Type, string JsonName, EquatableArray<StateMember> Members);

/// <summary>A field or property of the state.</summary>
/// <param name="Name">Its name in code.</param>
/// <param name="JsonName">Its name for people.</param>
/// <param name="Node">What it holds.</param>
internal sealed record StateMember(string Name, string JsonName, StateNode Node);
