using System.Security.Claims;

namespace Millrace;

/// <summary>What is said with a query beyond its data. Immutable.</summary>
public sealed record AskOptions
{
    /// <summary>The longest that a query may wait for its read models unless it says otherwise: 5 seconds.</summary>
    public static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(5);

    /// <summary>What the answer is to reflect: the token of a command's result. Nothing in particular by
    /// default.</summary>
    public ConsistencyToken After { get; init; }

    /// <summary>
    /// How long the query may wait for that; from 0 to 5 minutes, <see cref="DefaultWait"/> by default. Then the answer
    /// is stale and says so.
    /// </summary>
    public TimeSpan Wait { get; init; } = DefaultWait;

    /// <summary>On whose behalf it is asked, for authorizers.</summary>
    public ClaimsPrincipal? User { get; init; }
}
