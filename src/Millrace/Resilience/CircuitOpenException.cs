namespace Millrace;

/// <summary>
/// Thrown when a call is refused because the circuit breaker is open: earlier calls failed. A consumer whose handler
/// throws this exception waits until the breaker probes, without using up an attempt.
/// </summary>
public sealed class CircuitOpenException(string circuit, TimeSpan retryAfter, Exception? innerException = null)
    : MillraceException(
        $"Circuit '{circuit}' is open: the calls before this one failed. It is probed in {retryAfter}.", innerException)
{
    /// <summary>Gets the name of the circuit breaker.</summary>
    public string Circuit { get; } = circuit;

    /// <summary>Gets the time until the next probe; zero while a probe is running.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;

    /// <summary>
    /// Finds the open circuit that caused an error, of Millrace or of the application; null if there is none.
    /// </summary>
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
