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
    /// <summary>Gets whether each archived event can be read.</summary>
    public bool IsSound => Problems.Count == 0;
}
