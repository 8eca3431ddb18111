using Millrace.Storage;

namespace Millrace;

/// <summary>
/// A change of a value by an event. It contains the event, the rule, and the value before and after the change.
/// </summary>
public sealed record ValueChange
{
    /// <summary>
    /// Gets the stored event, with its position, time, id, correlation and causation.
    /// <see cref="RecordedEvent.Metadata"/> contains the command, the user and the build, if they were recorded.
    /// </summary>
    public required RecordedEvent Event { get; init; }

    /// <summary>
    /// Gets the display names of the rules that folded the event, such as <c>DailySalesProjection.Apply(DailySales?,
    /// OrderPlaced)</c> or <c>Order.When(OrderPaid)</c>. There are several rules only if upcasters split the event.
    /// </summary>
    public required IReadOnlyList<string> Rules { get; init; }

    /// <summary>Gets the JSON before the change, or null if there was no value.</summary>
    public string? Before { get; init; }

    /// <summary>Gets the JSON after the change, or null if the value no longer exists.</summary>
    public string? After { get; init; }

    /// <summary>
    /// Gets the types to which upcasters converted the event. Each entry is a stored name with a schema version, such
    /// as <c>order.placed@3</c>. The list is empty if no upcaster changes the event.
    /// </summary>
    public IReadOnlyList<string> ReadAs { get; init; } = [];

    /// <summary>
    /// Gets the statements for the application's own tables, in order. The list is empty unless tables are explained.
    /// </summary>
    public IReadOnlyList<SqlStatement> Statements { get; init; } = [];

    /// <summary>
    /// Gets whether a dead letter contains a correction of the payload, so that the payload differs from the log. False
    /// by default.
    /// </summary>
    public bool IsCorrected { get; init; }
}
