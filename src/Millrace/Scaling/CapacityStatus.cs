namespace Millrace;

/// <summary>The number of nodes with its bounds and its last changes.</summary>
public sealed record CapacityStatus
{
    /// <summary>Gets the number of nodes that should run; null before the first check.</summary>
    public int? Nodes { get; init; }

    /// <summary>Gets the minimum number of nodes.</summary>
    public int MinNodes { get; init; }

    /// <summary>Gets the maximum number of nodes.</summary>
    public int MaxNodes { get; init; }

    /// <summary>Gets the end of the pause after the last change; null if there was no change.</summary>
    public DateTimeOffset? CoolsDownUntil { get; init; }

    /// <summary>Gets the last changes, at most 100, newest first.</summary>
    public IReadOnlyList<CapacityChange> Changes { get; init; } = [];
}
