namespace Millrace;

/// <summary>What is said with a timer beyond its command and its time. Immutable.</summary>
public sealed record TimerOptions
{
    /// <summary>
    /// A key of the application's own, of 1 to 256 characters, such as <c>order-42-unpaid</c>: a timer set under it
    /// before is replaced, and it is cancelled by it. By default the timer gets a new one.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>Who sets it; recorded, and noted as the user on the events of its command.</summary>
    public string? By { get; init; }

    /// <summary>The conversation that its command belongs to; one of its own by default.</summary>
    public Guid? CorrelationId { get; init; }
}
