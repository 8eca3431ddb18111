namespace Millrace;

/// <summary>No more events may wait: the consumer stops before the next one, until somebody decides about the dead
/// letters.</summary>
internal sealed class KeyBacklogFullException(string message, string? key = null) : MillraceException(message)
{
    /// <summary>The key for which too many wait; null when there are too many of all together.</summary>
    public string? Key { get; } = key;
}
