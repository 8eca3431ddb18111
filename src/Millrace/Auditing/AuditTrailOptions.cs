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

    /// <summary>
    /// Gets or sets the time in which equal reads of an operator over HTTP share an entry, and also denied requests of
    /// callers without a user that have the same address and route; from 0 to 1 hour, 1 minute by default. The next
    /// entry contains the number of repetitions. With 0, each request has its own entry.
    /// </summary>
    public TimeSpan RepeatInterval { get; set; } = TimeSpan.FromMinutes(1);

    internal IEnumerable<string> Problems()
    {
        if (RepeatInterval < TimeSpan.Zero || RepeatInterval > TimeSpan.FromHours(1))
            yield return $"RepeatInterval: must be from 0 to 1 hour, but is {RepeatInterval}.";
    }

    internal AuditTrailOptions Copy() => (AuditTrailOptions)MemberwiseClone();
}
