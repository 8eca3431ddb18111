using System.Text.Json;

namespace Millrace;

/// <summary>A timer as it is stored.</summary>
internal sealed record TimerRecord
{
    /// <summary>When it is due; null when it is held for a person.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>Which setting of the timer this is: the id of its command.</summary>
    public required Guid Id { get; init; }

    /// <summary>The stable name of the command.</summary>
    public required string Command { get; init; }

    /// <summary>The command, as JSON.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>When it was set.</summary>
    public required DateTimeOffset SetAt { get; init; }

    /// <summary>Who set it; null when nobody said it.</summary>
    public string? By { get; init; }

    /// <summary>The conversation that its command belongs to.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>How often its command has failed.</summary>
    public int Failures { get; init; }

    /// <summary>What its last failure was.</summary>
    public string? Error { get; init; }
}
