namespace Millrace;

/// <summary>
/// A call was not made, because those before it failed: its circuit breaker is open. A consumer whose handler throws this waits until the
/// breaker probes, and spends no attempt.
/// </summary>
public sealed class CircuitOpenException(string circuit, TimeSpan retryAfter, Exception? innerException = null)
    : MillraceException($"Circuit '{circuit}' is open: the calls before this one failed. It is probed in {retryAfter}.", innerException)
{
    /// <summary>The circuit breaker's name.</summary>
    public string Circuit { get; } = circuit;

    /// <summary>How long until it is probed; zero when a probe is under way.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
