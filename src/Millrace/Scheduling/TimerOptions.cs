namespace Millrace;

/// <summary>Options for a timer. Immutable.</summary>
public sealed record TimerOptions
{
    /// <summary>
    /// Gets the key, of 1 to 256 characters, such as <c>order-42-unpaid</c>. A timer replaces an earlier timer with the
    /// same key. A caller can cancel the timer by its key. By default Millrace generates a key.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>
    /// Gets the user that sets the timer. The name is stored with the timer, and with the events of its command.
    /// </summary>
    public string? By { get; init; }

    /// <summary>Gets the correlation id of the command; a new one by default.</summary>
    public Guid? CorrelationId { get; init; }
}
