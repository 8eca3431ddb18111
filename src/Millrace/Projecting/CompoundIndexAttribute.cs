namespace Millrace;

/// <summary>
/// Declares an index of several members of a document. It serves queries that compare the first members for equality
/// and sort by the next one, in either direction. Each member must be marked <see cref="IndexedAttribute"/> or
/// <see cref="ExpiresAttribute"/>.
/// </summary>
/// <remarks>
/// Each collection of the read model gets the index when a node starts, and loses it when the declaration is removed.
/// On PostgreSQL, reads and writes continue meanwhile.
/// </remarks>
/// <param name="members">The names of 2 to 4 members, in order, as in
/// <c>[CompoundIndex(nameof(Status), nameof(PlacedAt))]</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = true, Inherited = false)]
public sealed class CompoundIndexAttribute(params string[] members) : Attribute
{
    /// <summary>Gets the names of the members.</summary>
    public IReadOnlyList<string> Members { get; } = members;
}
