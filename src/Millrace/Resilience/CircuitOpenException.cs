namespace Millrace;

/// <summary>
/// A call was not made, because those before it failed: its circuit breaker is open. A consumer whose handler throws
/// this waits until the breaker probes, and spends no attempt.
/// </summary>
public sealed class CircuitOpenException(string circuit, TimeSpan retryAfter, Exception? innerException = null)
    : MillraceException(
        $"Circuit '{circuit}' is open: the calls before this one failed. It is probed in {retryAfter}.", innerException)
{
    /// <summary>The circuit breaker's name.</summary>
    public string Circuit { get; } = circuit;

    /// <summary>How long until it is probed; zero when a probe is under way.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;

    /// <summary>The open circuit that an error is due to: one of ours, or one of the application's own; null when there
    /// is none.</summary>
    internal static CircuitOpenException? FindIn(Exception cause)
    {
        for (var error = cause; error is not null; error = error.InnerException)
        {
            if (error is CircuitOpenException open)
                return open;
            if (error is Polly.CircuitBreaker.BrokenCircuitException broken)
                return new CircuitOpenException("(not named)", broken.RetryAfter ?? TimeSpan.Zero, broken);
        }
        return null;
    }
}
