using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Upcasts;

/// <summary>A method marked <c>[Upcast]</c>.</summary>
/// <param name="Method">The method's full name.</param>
/// <param name="From">The source shape. Its type is null if the source is JSON.</param>
/// <param name="Into">The resulting events. There are none if the method returns JSON.</param>
/// <param name="To">The version of the returned JSON, or 0 if the method returns events.</param>
/// <param name="IsTuple">True if the method returns a tuple.</param>
/// <param name="Location">The location.</param>
/// <param name="Problems">The diagnostics.</param>
internal sealed record UpcastModel(
    string Method,
    ShapeKey From,
    EquatableArray<ShapeKey> Into,
    int To,
    bool IsTuple,
    LocationInfo? Location,
    EquatableArray<DiagnosticInfo> Problems)
{
    /// <summary>Gets the second source event of a merge, or null for other upcasters.</summary>
    public ShapeKey? Second { get; init; }

    /// <summary>Gets the resulting shapes.</summary>
    public IEnumerable<ShapeKey> Results => To > 0 ? [new(null, From.Name, To, false)] : Into;
}

/// <summary>A stored shape that an upcaster takes or returns.</summary>
/// <param name="Type">The full name of the type, or null for JSON.</param>
/// <param name="Name">The stored name.</param>
/// <param name="Version">The schema version.</param>
/// <param name="AllowsNull">True if the event may be missing.</param>
internal sealed record ShapeKey(string? Type, string Name, int Version, bool AllowsNull)
{
    public string Id => $"{Name}@{Version}";

    public override string ToString() => $"'{Name}' version {Version}";
}
