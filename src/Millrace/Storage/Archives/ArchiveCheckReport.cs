namespace Millrace.Storage.Archives;

/// <summary>The result of checking an archive.</summary>
/// <param name="Segments">The number of segments that were read.</param>
/// <param name="Events">The number of archived events that the store refers to.</param>
/// <param name="UnusedEvents">The number of events in segments that the store no longer refers to.</param>
/// <param name="DamagedSegments">The names of the segments that are missing or damaged.</param>
/// <param name="Problems">The problems: at most the first hundred.</param>
public sealed record ArchiveCheckReport(
    long Segments,
    long Events,
    long UnusedEvents,
    IReadOnlyList<string> DamagedSegments,
    IReadOnlyList<string> Problems)
{
    /// <summary>
    /// Gets why the place of the archive cannot be used, for example because its disk is not mounted; null if it can.
    /// The remaining segments were not checked then, and are not known to be damaged.
    /// </summary>
    public string? PlaceProblem { get; init; }

    /// <summary>Gets whether each archived event can be read.</summary>
    public bool IsSound => Problems.Count == 0 && PlaceProblem is null;
}
