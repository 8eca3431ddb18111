namespace Millrace;

/// <summary>A notice to a channel, with all alerts that changed since the last one.</summary>
public sealed record AlertNotice
{
    /// <summary>
    /// Gets the id, which is the same for each attempt. A receiver can discard a repeated notice by it.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>Gets the time at which the notice was composed.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the alerts, in the order of their changes.</summary>
    public required IReadOnlyList<AlertNoticeItem> Items { get; init; }

    /// <summary>Gets the number of changes that were left out, because too many waited for the channel.</summary>
    public long Omitted { get; init; }
}
