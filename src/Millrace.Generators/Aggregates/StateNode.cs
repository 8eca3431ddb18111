namespace Millrace.Generators;

/// <summary>How a part of an aggregate's state is told.</summary>
internal enum StateForm
{
    Primitive,
    Wrapper,
    Enum,
    Nullable,
    List,
    Map,
    Object,
    Text,
}

/// <summary>A part of an aggregate's state, down to what has no parts.</summary>
/// <param name="Form">How it is told.</param>
/// <param name="MayBeNull">Whether it is a reference or a <see cref="Nullable{T}"/>.</param>
/// <param name="HasDefault">Whether its default value holds nothing, and says so by <c>IsDefault</c>.</param>
/// <param name="Primitive">The primitive it is or holds.</param>
/// <param name="Item">What a list, a map or a nullable is of.</param>
/// <param name="Members">The members of an object.</param>
internal sealed record StateNode(
    StateForm Form,
    bool MayBeNull,
    bool HasDefault = false,
    Primitive? Primitive = null,
    StateNode? Item = null,
    EquatableArray<StateMember> Members = default);

/// <summary>A field or property of the state.</summary>
/// <param name="Name">Its name in code.</param>
/// <param name="JsonName">Its name for people.</param>
/// <param name="Node">What it holds.</param>
internal sealed record StateMember(string Name, string JsonName, StateNode Node);
