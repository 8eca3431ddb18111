namespace Millrace.Consuming.Retries;

/// <summary>
/// Thrown when the maximum number of waiting events is reached. The consumer stops before the next event until an
/// operator decides about the dead letters.
/// </summary>
internal sealed class KeyBacklogFullException(string message, string? key = null) : MillraceException(message)
{
    /// <summary>The key for which too many events wait; null when the limit of the whole consumer is reached.</summary>
    public string? Key { get; } = key;
}
