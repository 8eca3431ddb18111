namespace Millrace.Storage;

/// <summary>What kind of failure an error is, and so what is done about it.</summary>
public enum FailureClass
{
    /// <summary>It may pass: tried again with growing pauses, then parked.</summary>
    Transient,

    /// <summary>It will not pass by itself: parked at once, for a person.</summary>
    Permanent,

    /// <summary>It is no event's fault, such as a database that is away: the consumer waits, and nothing is
    /// parked.</summary>
    System,
}
