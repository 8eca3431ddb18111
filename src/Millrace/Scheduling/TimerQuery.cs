using Millrace.Consuming;
using Millrace.Scheduling;
using Millrace.Storage;

namespace Millrace;

/// <summary>Selects the timers to list. Immutable.</summary>
public sealed record TimerQuery
{
    /// <summary>Gets the stable name of the command of the timers; null for all commands.</summary>
    public string? Command { get; init; }

    /// <summary>Gets the time before which the timers are due; null for all times.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Gets whether to list only timers that are held for a user.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Gets the end of the previous page; null for the first page.</summary>
    public DocumentCursor? After { get; init; }

    /// <summary>Gets the maximum number of timers to return, from 1 to 1,000; 20 by default.</summary>
    public int Limit { get; init; } = 20;

    internal DocumentQuery ToDocuments()
    {
        var conditions = new List<FieldCondition>();
        if (Command is not null)
            conditions.Add(new FieldCondition("command", Comparison.Equal, Command));
        if (Before is { } before)
            conditions.Add(
                new FieldCondition(DueDocumentScheduler.Field, Comparison.Less, FieldValue.Microseconds(before)));
        if (IsHeld)
            conditions.Add(new FieldCondition(DueDocumentScheduler.Field, Comparison.Equal, FieldValue.Null));
        return new DocumentQuery
        {
            Collection = TimerStore.Name,
            Conditions = conditions,
            OrderBy = DueDocumentScheduler.Field,
            After = After,
            Limit = Limit,
        };
    }
}
