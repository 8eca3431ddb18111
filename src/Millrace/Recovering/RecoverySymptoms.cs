namespace Millrace;

/// <summary>The symptoms that the recovery manager diagnoses.</summary>
public static class RecoverySymptoms
{
    /// <summary>A consumer makes no progress although the log has newer events. Its name is the subject.</summary>
    public const string ConsumerStuck = "consumer-stuck";

    /// <summary>A consumer cannot start. Its name is the subject.</summary>
    public const string ConsumerStopped = "consumer-stopped";

    /// <summary>
    /// A consumer waits for an external service whose circuit breaker is open. The name of the consumer is the subject.
    /// </summary>
    public const string ServiceUnreachable = "service-unreachable";

    /// <summary>A broker is not available. The name of the transport is the subject.</summary>
    public const string BrokerUnavailable = "broker-unavailable";

    /// <summary>The store cannot be read or written.</summary>
    public const string StoreUnavailable = "store-unavailable";

    /// <summary>The audit of the log found a problem, or the store reports damaged data.</summary>
    public const string DataDamaged = "data-damaged";

    /// <summary>Commits are slow on a node: the 99th percentile is above one second.</summary>
    public const string StoreSlow = "store-slow";

    /// <summary>Less than 5 % of the disk of the store is free.</summary>
    public const string DiskFull = "disk-full";

    /// <summary>A node uses more than 90 % of its memory.</summary>
    public const string MemoryHigh = "memory-high";

    /// <summary>The clock of the node was set to another time.</summary>
    public const string ClockJump = "clock-jump";
}
