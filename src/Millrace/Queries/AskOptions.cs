using System.Security.Claims;

namespace Millrace;

/// <summary>Options for a query. Immutable.</summary>
public sealed record AskOptions
{
    /// <summary>The default of <see cref="Wait"/>: 5 seconds.</summary>
    public static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets the token that the answer must reflect, such as the token from the result of a command. By default, the
    /// query does not wait.
    /// </summary>
    public ConsistencyToken After { get; init; }

    /// <summary>
    /// Gets the maximum time that the query waits for <see cref="After"/>; from 0 to 5 minutes,
    /// <see cref="DefaultWait"/> by default. After this time, the query returns the answer and marks it as stale.
    /// </summary>
    public TimeSpan Wait { get; init; } = DefaultWait;

    /// <summary>Gets the user on whose behalf the query is sent, for authorizers.</summary>
    public ClaimsPrincipal? User { get; init; }

    /// <summary>
    /// Gets the place from which the query came, for the audit trail; null if it is unknown. Endpoints set it.
    /// </summary>
    public AuditOrigin? Origin { get; init; }

    /// <summary>
    /// Gets whether the caller takes an answer without the members that the user may not see as JSON. A type may not be
    /// able to omit a member.
    /// </summary>
    internal bool TakesJson { get; init; }
}
