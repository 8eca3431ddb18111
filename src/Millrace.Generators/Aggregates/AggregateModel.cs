namespace Millrace.Generators;

/// <summary>A class marked <c>[Stream]</c>.</summary>
/// <param name="Type">The class.</param>
/// <param name="Category">The category of its streams.</param>
/// <param name="Id">The full name of its id's type.</param>
/// <param name="Events">The full names of the types it has a <c>When</c> for.</param>
/// <param name="NeedsEvolve">Whether its <c>Evolve</c> is not written by hand.</param>
/// <param name="Snapshot">Its snapshots, if it takes any.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Problems">What is wrong with it.</param>
internal sealed record AggregateModel(
    TypeDeclaration Type,
    string Category,
    string Id,
    EquatableArray<string> Events,
    bool NeedsEvolve,
    SnapshotModel? Snapshot,
    LocationInfo? Place,
    EquatableArray<DiagnosticInfo> Problems)
{
    /// <summary>What its state consists of; empty when its <c>WriteState</c> is written by hand, or there is nothing to
    /// tell.</summary>
    public EquatableArray<StateMember> State { get; init; }

    /// <summary>Whether a class that it derives from has an <c>Evolve</c> of its own, which folds first.</summary>
    public bool CallsBase { get; init; }

    /// <summary>How its id is read from text, as code; null when it cannot be.</summary>
    public string? ParseId { get; init; }
}

/// <summary>The snapshots of an aggregate.</summary>
internal sealed record SnapshotModel(string State, int Version, int Every, JsonGraph Json);
