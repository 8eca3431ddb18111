namespace Millrace.Generators;

/// <summary>A method marked <c>[Upcast]</c>.</summary>
/// <param name="Method">The method's full name.</param>
/// <param name="From">What it takes; without a type it takes JSON.</param>
/// <param name="Into">The events that it makes; none when it makes JSON.</param>
/// <param name="To">The version whose JSON it makes; 0 when it makes events.</param>
/// <param name="IsTuple">Whether it makes a tuple.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Problems">What is wrong with it.</param>
internal sealed record UpcastModel(
    string Method,
    ShapeKey From,
    EquatableArray<ShapeKey> Into,
    int To,
    bool IsTuple,
    LocationInfo? Place,
    EquatableArray<DiagnosticInfo> Problems)
{
    /// <summary>The second event that it takes, when it makes one of two; null for all others.</summary>
    public ShapeKey? Second { get; init; }

    /// <summary>The shapes that it leads to.</summary>
    public IEnumerable<ShapeKey> Ends => To > 0 ? [new(null, From.Name, To, false)] : Into;
}

/// <summary>A stored shape that an upcaster takes or makes.</summary>
/// <param name="Type">The full name of its type; null for JSON.</param>
/// <param name="Name">The stored name.</param>
/// <param name="Version">The schema version.</param>
/// <param name="AllowsNull">Whether it may be left out.</param>
internal sealed record ShapeKey(string? Type, string Name, int Version, bool AllowsNull)
{
    public string Id => $"{Name}@{Version}";

    public override string ToString() => $"'{Name}' version {Version}";
}
