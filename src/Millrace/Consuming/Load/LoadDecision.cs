namespace Millrace;

/// <summary>A change of the size of a consumer's batches or of the number of its workers, with its cause.</summary>
public sealed record LoadDecision
{
    /// <summary>Gets the time of the change.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the reason for the change.</summary>
    public required LoadReason Reason { get; init; }

    /// <summary>Gets the maximum number of events of a batch after the change.</summary>
    public required int BatchEvents { get; init; }

    /// <summary>Gets the maximum number of events of a batch before the change.</summary>
    public required int PreviousBatchEvents { get; init; }

    /// <summary>Gets the number of workers after the change.</summary>
    public required int Workers { get; init; }

    /// <summary>Gets the number of workers before the change.</summary>
    public required int PreviousWorkers { get; init; }

    /// <summary>Gets the events per second that were handled in the interval before the change.</summary>
    public required double Throughput { get; init; }

    /// <summary>Gets the mean duration of a batch in this interval.</summary>
    public required TimeSpan BatchTime { get; init; }

    /// <summary>Gets the number of events that waited at its end.</summary>
    public required long LagEvents { get; init; }
}
