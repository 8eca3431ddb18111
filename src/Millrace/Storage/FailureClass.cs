namespace Millrace.Storage;

/// <summary>The class of a failure, which decides how it is handled.</summary>
public enum FailureClass
{
    /// <summary>
    /// A retry may succeed. The consumer retries the event with increasing delays, and then parks the event.
    /// </summary>
    Transient,

    /// <summary>
    /// A retry without a change cannot succeed. The consumer parks the event immediately for an operator.
    /// </summary>
    Permanent,

    /// <summary>
    /// The failure is independent of the event, for example if a database is unavailable. The consumer waits and parks
    /// no event.
    /// </summary>
    System,
}
