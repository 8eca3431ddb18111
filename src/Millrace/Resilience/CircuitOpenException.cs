namespace Millrace;

/// <summary>
/// Thrown when a circuit breaker refuses a call because it is open after earlier calls failed. If a consumer's handler
/// throws this exception, the consumer waits until the next probe. This failure does not use up an attempt.
/// </summary>
public sealed class CircuitOpenException(string circuit, TimeSpan retryAfter, Exception? innerException = null)
    : MillraceException(
        $"Circuit '{circuit}' is open, because earlier calls failed. The next probe is in {retryAfter}.",
        innerException)
{
    /// <summary>Gets the name of the circuit breaker.</summary>
    public string Circuit { get; } = circuit;

    /// <summary>Gets the time until the next probe; zero while a probe is running.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;

    /// <summary>
    /// Finds the open circuit that caused an error; null if no open circuit caused it. The circuit can be a circuit of
    /// Millrace or of the application.
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
