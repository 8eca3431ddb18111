namespace Millrace;

/// <summary>What became of a timer, as it is recorded in its stream.</summary>
internal sealed record TimerNote
{
    /// <summary>When it is due from now on.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>When it was due before.</summary>
    public DateTimeOffset? DueBefore { get; init; }

    /// <summary>The stable name of its command.</summary>
    public string? Command { get; init; }

    /// <summary>Its command, as JSON.</summary>
    public System.Text.Json.JsonElement? Body { get; init; }

    /// <summary>When a schedule recurs from now on, and how it behaves.</summary>
    public ScheduleForm? Form { get; init; }

    /// <summary>When a schedule recurred before, and how it behaved.</summary>
    public ScheduleForm? FormBefore { get; init; }

    /// <summary>Who did it.</summary>
    public string? By { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}
