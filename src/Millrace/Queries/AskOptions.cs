using System.Security.Claims;

namespace Millrace;

/// <summary>Options for a query. Immutable.</summary>
public sealed record AskOptions
{
    /// <summary>The default of <see cref="Wait"/>: 5 seconds.</summary>
    public static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(5);

    /// <summary>Gets the token that the answer must reflect, from the result of a command. None by default.</summary>
    public ConsistencyToken After { get; init; }

    /// <summary>
    /// Gets the maximum time that the query waits for <see cref="After"/>; from 0 to 5 minutes,
    /// <see cref="DefaultWait"/> by default. After that time the answer is returned and marked as stale.
    /// </summary>
    public TimeSpan Wait { get; init; } = DefaultWait;

    /// <summary>Gets the user on whose behalf the query is sent, for authorizers.</summary>
    public ClaimsPrincipal? User { get; init; }
}
