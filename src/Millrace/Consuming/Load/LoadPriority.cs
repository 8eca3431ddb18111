namespace Millrace;

/// <summary>Specifies what the adaptation of a consumer prefers.</summary>
public enum LoadPriority
{
    /// <summary>Neither; batches take at most 250 milliseconds by default.</summary>
    Balanced,

    /// <summary>A short time until an event is handled; batches take at most 50 milliseconds by default.</summary>
    Latency,

    /// <summary>Many events per second; batches take at most 2 seconds by default.</summary>
    Throughput,
}
