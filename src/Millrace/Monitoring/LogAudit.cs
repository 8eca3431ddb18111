using Millrace.Monitoring;

namespace Millrace;

/// <summary>
/// The continuous audit of the log. While the log grows, each node checks that positions and stream versions have no
/// gaps, and that timestamps do not decrease. Each node also checks that every event equals the event that it delivered
/// to its consumers, and that the last checked event has not changed.
/// </summary>
/// <remarks>
/// Added by <see cref="MillraceBuilder.AddLogAudit"/>. Each node compares the events that it delivered with the
/// database. If no node finds a problem, all nodes have therefore delivered the same events. For each problem, the
/// audit logs an error, increases <c>millrace.audit.problems</c>, and sets the node's health to degraded. The node
/// continues to run. <c>millrace verify</c> then reports all problems.
/// </remarks>
public sealed class LogAudit
{
    private readonly LogAuditor _auditor;

    internal LogAudit(LogAuditor auditor) => _auditor = auditor;

    /// <summary>Gets the progress of the audit and the problems that it found.</summary>
    public LogAuditStatus Status => _auditor.Status;
}
