namespace Millrace;

/// <summary>Options for the audit trail.</summary>
public sealed class AuditTrailOptions
{
    /// <summary>
    /// Gets or sets whether each command is recorded with its result; true by default. The entry of a command that
    /// succeeds is in the commit of its events.
    /// </summary>
    public bool RecordsCommands { get; set; } = true;

    /// <summary>
    /// Gets or sets whether each denied command and query is recorded; true by default.
    /// </summary>
    public bool RecordsDenials { get; set; } = true;

    /// <summary>
    /// Gets or sets whether each request of an operator over HTTP that can change something is recorded; true by
    /// default.
    /// </summary>
    public bool RecordsOperators { get; set; } = true;

    internal AuditTrailOptions Copy() => (AuditTrailOptions)MemberwiseClone();
}
