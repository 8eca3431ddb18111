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

    /// <summary>
    /// Gets or sets whether answers with documents of read models that have members with personal data or secrets are
    /// recorded, and what operators read of events and documents over HTTP; true by default. An entry is durable before
    /// the answer leaves, and without it there is no answer.
    /// </summary>
    public bool RecordsReads { get; set; } = true;

    /// <summary>
    /// Gets or sets whether the use of data keys is recorded: their creation, replacement, destruction and unwrapping;
    /// true by default.
    /// </summary>
    public bool RecordsKeys { get; set; } = true;

    /// <summary>
    /// Gets or sets whether changes of the settings that matter for trust are recorded at the start; true by default.
    /// </summary>
    public bool RecordsConfiguration { get; set; } = true;

    internal AuditTrailOptions Copy() => (AuditTrailOptions)MemberwiseClone();
}
