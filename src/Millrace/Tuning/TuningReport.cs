namespace Millrace;

/// <summary>What batching, concurrency and caching gain on the load of a node, each alone and together.</summary>
public sealed record TuningReport
{
    /// <summary>Gets the unique id of the run.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the state of the run.</summary>
    public required TuningState State { get; init; }

    /// <summary>Gets the name of the node.</summary>
    public required string Node { get; init; }

    /// <summary>Gets the user who started the run.</summary>
    public required string By { get; init; }

    /// <summary>Gets the time at which the run started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Gets the requested duration.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Gets the time at which the run ended; null while it runs.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Gets the consumer: the requested one, or the one with the most load; null if none had load.</summary>
    public string? Consumer { get; init; }

    /// <summary>Gets why there is no result, or why a part of it is missing; null with a complete result.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Gets the typical deviation of the same setting between intervals, as a share; null without a result.
    /// </summary>
    public double? Noise { get; init; }

    /// <summary>Gets the measured settings, in the order of <see cref="TuningRow.Setting"/>.</summary>
    public IReadOnlyList<TuningRow> Rows { get; init; } = [];

    /// <summary>Gets what each factor gains.</summary>
    public IReadOnlyList<TuningGain> Gains { get; init; } = [];

    /// <summary>Gets the settings to write; empty if the present ones are as good as the best.</summary>
    public IReadOnlyList<TuningAdvice> Advice { get; init; } = [];
}
