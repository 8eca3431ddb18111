namespace Millrace;

/// <summary>
/// The standing audit of the log: while it grows, each node looks whether positions and the versions of streams go on
/// without gaps, times do not run backwards, every event is the one that this node handed to its consumers, and what
/// was looked at last still stands there.
/// </summary>
/// <remarks>
/// Added by <see cref="MillraceBuilder.AddLogAudit"/>. Nodes agree with each other because each agrees with the
/// database. What is found is logged as an error, counted in <c>millrace.audit.problems</c>, and makes the node's
/// health degraded; nothing is stopped by it. <c>millrace verify</c> then tells all that is wrong.
/// </remarks>
public sealed class LogAudit
{
    private readonly LogAuditor _auditor;

    internal LogAudit(LogAuditor auditor) => _auditor = auditor;

    /// <summary>How far it is, and what was found.</summary>
    public LogAuditStatus Status => _auditor.Status;
}
