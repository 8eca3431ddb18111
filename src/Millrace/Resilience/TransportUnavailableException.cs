namespace Millrace;

/// <summary>
/// Thrown when a broker is unavailable or does not confirm in time. A consumer that publishes waits until the broker is
/// available again. No event is parked or lost.
/// </summary>
public sealed class TransportUnavailableException(string transport, string problem, Exception? innerException = null)
    : MillraceException($"The broker '{transport}' is not available: {problem}", innerException)
{
    /// <summary>Gets the name of the transport.</summary>
    public string Transport { get; } = transport;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
