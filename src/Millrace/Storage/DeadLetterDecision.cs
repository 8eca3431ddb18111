namespace Millrace.Storage;

/// <summary>What somebody decided to do with a dead letter.</summary>
public enum DeadLetterDecision
{
    /// <summary>Try it again.</summary>
    Retry,

    /// <summary>Pass it over; what waits behind it goes on.</summary>
    Skip,

    /// <summary>Give it up, and with it what waits behind it at that moment.</summary>
    Discard,
}
