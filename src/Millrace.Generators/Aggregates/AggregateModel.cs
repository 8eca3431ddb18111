using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Aggregates;

/// <summary>A class marked <c>[Stream]</c>.</summary>
/// <param name="Type">The class.</param>
/// <param name="Category">The category of its streams.</param>
/// <param name="Id">The full name of the id type.</param>
/// <param name="Events">The full names of the event types with a <c>When</c>.</param>
/// <param name="NeedsEvolve">True if <c>Evolve</c> is generated.</param>
/// <param name="Snapshot">The snapshots, or null if the aggregate has none.</param>
/// <param name="Location">The location.</param>
/// <param name="Problems">The diagnostics.</param>
internal sealed record AggregateModel(
    TypeDeclaration Type,
    string Category,
    string Id,
    EquatableArray<string> Events,
    bool NeedsEvolve,
    SnapshotModel? Snapshot,
    LocationInfo? Location,
    EquatableArray<DiagnosticInfo> Problems)
{
    /// <summary>
    /// Gets the parts of the state. They are empty if <c>WriteState</c> is written by hand or the state is empty.
    /// </summary>
    public EquatableArray<StateMember> State { get; init; }

    /// <summary>Gets whether a base class has its own <c>Evolve</c>, which is called first.</summary>
    public bool CallsBase { get; init; }

    /// <summary>Gets the code that parses the id from text, or null if the id cannot be parsed.</summary>
    public string? ParseId { get; init; }
}

/// <summary>The snapshots of an aggregate.</summary>
internal sealed record SnapshotModel(string State, int Version, int Every, JsonGraph Json);
