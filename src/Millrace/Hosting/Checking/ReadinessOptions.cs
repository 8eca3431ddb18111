namespace Millrace;

/// <summary>Options for the readiness check.</summary>
public sealed class ReadinessOptions
{
    /// <summary>
    /// Gets or sets how late a read model may be; from 1 second to 1 day, 1 minute by default.
    /// </summary>
    public TimeSpan MaxLag { get; set; } = TimeSpan.FromMinutes(1);

    internal Dictionary<string, string> Accepted { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Accepts that a question is answered with no, such as <c>backup</c> if the database is backed up by other means.
    /// </summary>
    /// <param name="id">The id of the question.</param>
    /// <param name="reason">The reason, which the report contains.</param>
    public ReadinessOptions Accept(string id, string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        Accepted[id] = reason;
        return this;
    }

    internal IEnumerable<string> Problems()
    {
        if (MaxLag < TimeSpan.FromSeconds(1) || MaxLag > TimeSpan.FromDays(1))
            yield return $"MaxLag: must be from 1 second to 1 day, but is {MaxLag}.";
    }
}
