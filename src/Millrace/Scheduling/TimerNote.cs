namespace Millrace.Scheduling;

/// <summary>The content of an event in the stream of a timer or a schedule.</summary>
internal sealed record TimerNote
{
    /// <summary>The new due time.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The previous due time.</summary>
    public DateTimeOffset? DueBefore { get; init; }

    /// <summary>The stable name of the command.</summary>
    public string? Command { get; init; }

    /// <summary>The command, as JSON.</summary>
    public System.Text.Json.JsonElement? Body { get; init; }

    /// <summary>The new settings of a schedule.</summary>
    public ScheduleForm? Form { get; init; }

    /// <summary>The previous settings of a schedule.</summary>
    public ScheduleForm? FormBefore { get; init; }

    /// <summary>The user.</summary>
    public string? By { get; init; }

    /// <summary>The reason.</summary>
    public string? Reason { get; init; }
}
