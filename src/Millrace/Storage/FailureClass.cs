namespace Millrace.Storage;

/// <summary>The class of a failure, which decides how it is handled.</summary>
public enum FailureClass
{
    /// <summary>The failure may pass: the event is retried with increasing delays, then parked.</summary>
    Transient,

    /// <summary>The failure does not pass without a change: the event is parked at once for an operator.</summary>
    Permanent,

    /// <summary>
    /// No event caused the failure, for example if a database is unavailable: the consumer waits, and nothing is
    /// parked.
    /// </summary>
    System,
}
