namespace Millrace;

/// <summary>How a circuit breaker stands.</summary>
public enum CircuitState
{
    /// <summary>Calls are made.</summary>
    Closed,

    /// <summary>One call is made to see whether it succeeds; the others are refused meanwhile.</summary>
    HalfOpen,

    /// <summary>Calls are refused.</summary>
    Open,
}
