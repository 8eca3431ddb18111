using Millrace.Storage;

namespace Millrace;

/// <summary>An event that changed a value: who caused it, by which rule, and what the value was before and
/// after.</summary>
public sealed record ValueChange
{
    /// <summary>
    /// The event as it is stored, with its place, time, id, correlation and causation; its
    /// <see cref="RecordedEvent.Metadata"/> names the command, the user and the build, where they were noted.
    /// </summary>
    public required RecordedEvent Event { get; init; }

    /// <summary>
    /// What folded it, for people: <c>DailySalesProjection.Apply(DailySales?, OrderPlaced)</c>,
    /// <c>Order.When(OrderPaid)</c>. Several only for an event that is read as several.
    /// </summary>
    public required IReadOnlyList<string> Rules { get; init; }

    /// <summary>The JSON before; null when there was nothing.</summary>
    public string? Before { get; init; }

    /// <summary>The JSON after; null when nothing is there any more.</summary>
    public string? After { get; init; }

    /// <summary>
    /// What upcasters made of the event: stored names with schema versions, <c>order.placed@3</c>. Empty when it is
    /// read as it is stored.
    /// </summary>
    public IReadOnlyList<string> ReadAs { get; init; } = [];

    /// <summary>What it had the application's own tables do, in order; empty unless it is about tables.</summary>
    public IReadOnlyList<SqlStatement> Statements { get; init; } = [];

    /// <summary>Whether its payload was edited as that of a dead letter: the log holds another. False by
    /// default.</summary>
    public bool IsCorrected { get; init; }
}
