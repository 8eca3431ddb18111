namespace Millrace;

/// <summary>How far this node has audited the log, and what it found.</summary>
/// <param name="Position">The last position looked at.</param>
/// <param name="Events">How many events were looked at since the node started.</param>
/// <param name="Passed">How many were passed over because the log grew faster than the options allow to look.</param>
/// <param name="LastAuditedAt">When it last looked and could read the log; null when it has not yet.</param>
/// <param name="ProblemCount">How many problems were found since the node started.</param>
/// <param name="Problems">The first hundred of them, for people.</param>
public sealed record LogAuditStatus(
    long Position,
    long Events,
    long Passed,
    DateTimeOffset? LastAuditedAt,
    long ProblemCount,
    IReadOnlyList<string> Problems)
{
    /// <summary>Whether nothing was found.</summary>
    public bool IsSound => ProblemCount == 0;
}
