namespace Millrace;

/// <summary>
/// Thrown when the store has no such timer, because it was never set, it was cancelled, or its command was sent.
/// </summary>
public sealed class TimerNotFoundException(string key)
    : MillraceException(
        $"There is no timer '{key}' any more. If it was ever set, the stream '$timer-{key}' has its history.")
{
    /// <summary>Gets the timer's key.</summary>
    public string Key { get; } = key;
}
