namespace Millrace.Consuming.Retries;

/// <summary>
/// Thrown when the maximum number of waiting events is reached. The consumer stops before the next event until an
/// operator decides about the dead letters.
/// </summary>
internal sealed class KeyBacklogFullException(string message, string? key = null) : MillraceException(message)
{
    /// <summary>
    /// Gets the key for which too many events wait, or null if the consumer has reached its own limit.
    /// </summary>
    public string? Key { get; } = key;
}
