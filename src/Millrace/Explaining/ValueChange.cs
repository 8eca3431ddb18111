using Millrace.Storage;

namespace Millrace;

/// <summary>An event that changed a value: its cause, the rule, and the value before and after.</summary>
public sealed record ValueChange
{
    /// <summary>
    /// Gets the event as stored, with its position, time, id, correlation and causation. Its <see
    /// cref="RecordedEvent.Metadata"/> contains the command, the user and the build, if they were recorded.
    /// </summary>
    public required RecordedEvent Event { get; init; }

    /// <summary>
    /// Gets the rules that folded it, for display: <c>DailySalesProjection.Apply(DailySales?, OrderPlaced)</c>,
    /// <c>Order.When(OrderPaid)</c>. There are several only for an event that is read as several events.
    /// </summary>
    public required IReadOnlyList<string> Rules { get; init; }

    /// <summary>Gets the JSON before the change; null if there was no value.</summary>
    public string? Before { get; init; }

    /// <summary>Gets the JSON after the change; null if the value no longer exists.</summary>
    public string? After { get; init; }

    /// <summary>
    /// Gets the results of upcasters: stored names with schema versions, <c>order.placed@3</c>. Empty when the event is
    /// read as it is stored.
    /// </summary>
    public IReadOnlyList<string> ReadAs { get; init; } = [];

    /// <summary>
    /// Gets the statements for the application's own tables, in order; empty unless tables are explained.
    /// </summary>
    public IReadOnlyList<SqlStatement> Statements { get; init; } = [];

    /// <summary>
    /// Gets whether the payload was corrected in a dead letter, so that it differs from the log. False by default.
    /// </summary>
    public bool IsCorrected { get; init; }
}
