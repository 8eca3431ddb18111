namespace Millrace;

/// <summary>
/// A broker is away, or did not confirm in time. A consumer that publishes waits until it is back; nothing is parked
/// and nothing lost.
/// </summary>
public sealed class TransportUnavailableException(string transport, string problem, Exception? innerException = null)
    : MillraceException($"The broker '{transport}' is not available: {problem}", innerException)
{
    /// <summary>The transport's name.</summary>
    public string Transport { get; } = transport;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
