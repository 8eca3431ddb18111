namespace Millrace;

/// <summary>
/// The continuous audit of the log. While the log grows, each node checks that positions and stream versions have no
/// gaps, that timestamps do not decrease, that every event equals the one that this node delivered to its consumers,
/// and that the last checked event is unchanged.
/// </summary>
/// <remarks>
/// Added by <see cref="MillraceBuilder.AddLogAudit"/>. Nodes agree with each other because each agrees with the
/// database. A problem is logged as an error, counted in <c>millrace.audit.problems</c>, and makes the node's health
/// degraded; nothing is stopped. <c>millrace verify</c> then reports all problems.
/// </remarks>
public sealed class LogAudit
{
    private readonly LogAuditor _auditor;

    internal LogAudit(LogAuditor auditor) => _auditor = auditor;

    /// <summary>Gets the progress of the audit and the problems that it found.</summary>
    public LogAuditStatus Status => _auditor.Status;
}
