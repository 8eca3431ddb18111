using System.Text.Json;

namespace Millrace.Scheduling;

/// <summary>The stored form of a timer.</summary>
internal sealed record TimerRecord
{
    /// <summary>The due time; null while the timer is held for a user.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The id of this version of the timer, which is also the id of its command.</summary>
    public required Guid Id { get; init; }

    /// <summary>The stable name of the command.</summary>
    public required string Command { get; init; }

    /// <summary>The command, as JSON.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>The time at which the timer was set.</summary>
    public required DateTimeOffset SetAt { get; init; }

    /// <summary>The user who set the timer; null if the caller named none.</summary>
    public string? By { get; init; }

    /// <summary>The correlation id of its command.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>The number of times its command has failed.</summary>
    public int Failures { get; init; }

    /// <summary>The last error.</summary>
    public string? Error { get; init; }
}
