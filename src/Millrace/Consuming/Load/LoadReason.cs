namespace Millrace;

/// <summary>Specifies why a consumer changed the size of its batches or the number of its workers.</summary>
public enum LoadReason
{
    /// <summary>Batches took longer than the target.</summary>
    LatencyOverTarget,

    /// <summary>Events waited, and batches were shorter than the target.</summary>
    EventsWait,

    /// <summary>Another number of workers is tried, is kept because it handles more events, or is not kept.</summary>
    Trial,

    /// <summary>Memory or processors are scarce.</summary>
    ResourcesScarce,
}
