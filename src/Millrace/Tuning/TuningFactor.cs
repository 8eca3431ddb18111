namespace Millrace;

/// <summary>Specifies what a tuning run switches.</summary>
public enum TuningFactor
{
    /// <summary>Several events are handled in a batch.</summary>
    Batching,

    /// <summary>Several workers handle the events of a batch.</summary>
    Concurrency,

    /// <summary>Answers to queries are cached.</summary>
    Caching,

    /// <summary>Batching and concurrency together.</summary>
    Together,
}
