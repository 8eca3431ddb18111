namespace Millrace;

/// <summary>Selects entries of the audit trail. An entry must satisfy all values that are not null.</summary>
public sealed record AuditQuery
{
    /// <summary>Gets the id of the user.</summary>
    public string? User { get; init; }

    /// <summary>
    /// Gets the action, or the start of actions if it ends with <c>*</c>, such as <c>command.*</c>.
    /// </summary>
    public string? Action { get; init; }

    /// <summary>Gets the resource.</summary>
    public string? Resource { get; init; }

    /// <summary>Gets the result.</summary>
    public AuditResult? Result { get; init; }

    /// <summary>Gets the earliest time, inclusive.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Gets the latest time, exclusive.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Returns whether an entry satisfies the query.</summary>
    public bool Matches(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return (User is null || entry.User == User)
            && (Action is null || IsAction(entry.Action, Action))
            && (Resource is null || entry.Resource == Resource)
            && (Result is null || entry.Result == Result)
            && (Since is null || entry.Time >= Since)
            && (Until is null || entry.Time < Until);
    }

    private static bool IsAction(string action, string pattern) => pattern.EndsWith('*')
        ? action.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal)
        : action == pattern;
}
