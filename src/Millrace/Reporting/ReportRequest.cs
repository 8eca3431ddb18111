namespace Millrace;

/// <summary>A request for a report.</summary>
/// <param name="Kind">The kind of the report.</param>
public sealed record ReportRequest(ReportKind Kind)
{
    /// <summary>Gets the start of the period, inclusive; null, the default, for the start of the log.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Gets the end of the period, exclusive; null, the default, for the end of the log.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Gets the format; JSON by default.</summary>
    public ReportFormat Format { get; init; }

    /// <summary>
    /// Gets whether the report compares the log with its seals, which reads the whole log; true by default. Only
    /// <see cref="ReportKind.Sox"/> uses it.
    /// </summary>
    public bool VerifiesSeals { get; init; } = true;

    /// <summary>
    /// Gets the public keys and anchors against which seals are verified; null, the default, for those that the
    /// application configures.
    /// </summary>
    public SealEvidence? Evidence { get; init; }

    /// <summary>Gets the user who requests the report, for the audit trail; null if there is no user.</summary>
    public string? By { get; init; }

    /// <summary>Gets the place from which the request came, for the audit trail; null if it is unknown.</summary>
    public AuditOrigin? Origin { get; init; }
}
