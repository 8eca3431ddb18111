namespace Millrace;

/// <summary>What was measured with a setting.</summary>
public sealed record TuningRow
{
    /// <summary>
    /// Gets the setting: <c>none</c>, <c>batching</c>, <c>concurrency</c>, <c>caching</c>, combinations of these such
    /// as <c>batching+concurrency</c>, <c>one worker</c> for the baseline of <c>concurrency</c>, or <c>present</c> for
    /// the application's own settings.
    /// </summary>
    public required string Setting { get; init; }

    /// <summary>Gets the maximum number of events of a batch; null for the application's own.</summary>
    public int? BatchEvents { get; init; }

    /// <summary>Gets the number of workers; null for the application's own.</summary>
    public int? Workers { get; init; }

    /// <summary>Gets whether cached answers were used.</summary>
    public bool IsCached { get; init; }

    /// <summary>Gets the number of intervals in which the setting was measured.</summary>
    public required int Intervals { get; init; }

    /// <summary>
    /// Gets the events per second of the time in which the consumer handled full batches; null if it handled too few of
    /// them.
    /// </summary>
    public double? EventsPerSecond { get; init; }

    /// <summary>Gets the median of the time from reading an event until its batch was handled.</summary>
    public TimeSpan? P50 { get; init; }

    /// <summary>Gets the 99th percentile of this time.</summary>
    public TimeSpan? P99 { get; init; }

    /// <summary>Gets the events per second, of those without any factor; null if one of both is unknown.</summary>
    public TuningRatio? Gain { get; init; }

    /// <summary>Gets the number of answers to cached queries.</summary>
    public int Answers { get; init; }

    /// <summary>Gets the median of the time of an answer; null without answers.</summary>
    public TimeSpan? AnswerP50 { get; init; }

    /// <summary>Gets the 99th percentile of this time; null without answers.</summary>
    public TimeSpan? AnswerP99 { get; init; }
}
