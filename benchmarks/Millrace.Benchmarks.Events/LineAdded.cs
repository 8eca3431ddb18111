namespace Millrace.Benchmarks.Events;

/// <summary>The event that most benchmarks use. An order line of about 300 bytes as JSON.</summary>
[Event(EventType)]
public sealed record LineAdded(
    Guid Order,
    int Key,
    int Line,
    string Sku,
    string Description,
    int Quantity,
    decimal Price,
    string Currency,
    string Country,
    DateTimeOffset At,
    string Customer,
    string Note)
{
    /// <summary>The stored name of the event type.</summary>
    public const string EventType = "order.line-added";
}
