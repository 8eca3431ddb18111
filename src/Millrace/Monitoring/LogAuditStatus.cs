namespace Millrace;

/// <summary>The progress of the audit on this node, and the problems that it found.</summary>
/// <param name="Position">The last checked position.</param>
/// <param name="Events">The number of events that were checked since the node started.</param>
/// <param name="SkippedEvents">The number of events that were skipped because the log grew faster than the options
/// allow to check.</param>
/// <param name="LastAuditedAt">The time of the last check that could read the log; null if there was no such check
/// yet.</param>
/// <param name="ProblemCount">The number of problems that were found since the node started.</param>
/// <param name="Problems">The first hundred problems, as messages.</param>
public sealed record LogAuditStatus(
    long Position,
    long Events,
    long SkippedEvents,
    DateTimeOffset? LastAuditedAt,
    long ProblemCount,
    IReadOnlyList<string> Problems)
{
    /// <summary>Gets whether no problem was found.</summary>
    public bool IsSound => ProblemCount == 0;
}
