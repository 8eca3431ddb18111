namespace Millrace;

/// <summary>The state of a circuit breaker.</summary>
public enum CircuitState
{
    /// <summary>Calls are made.</summary>
    Closed,

    /// <summary>One probe call is made. All other calls are refused.</summary>
    HalfOpen,

    /// <summary>Calls are refused.</summary>
    Open,
}
