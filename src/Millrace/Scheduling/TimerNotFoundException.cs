namespace Millrace;

/// <summary>There is no such timer: it was never set, it was cancelled, or its command was sent.</summary>
public sealed class TimerNotFoundException(string key)
    : MillraceException(
        $"There is no timer '{key}' any more. What became of it stands in the stream '$timer-{key}', if it ever was.")
{
    /// <summary>The timer's key.</summary>
    public string Key { get; } = key;
}
