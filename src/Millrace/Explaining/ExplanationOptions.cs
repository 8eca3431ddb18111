using Millrace.Explaining;

namespace Millrace;

/// <summary>Options for an explanation.</summary>
public sealed class ExplanationOptions
{
    /// <summary>
    /// Gets or sets the maximum number of changes to return; from 0 to 10,000, 20 by default. The last changes are
    /// returned. Fewer are returned if their values and payloads together exceed 8 MiB.
    /// <see cref="Explanation.ChangeCount"/> is the number of all changes.
    /// </summary>
    public int Most { get; set; } = 20;

    /// <summary>Gets or sets the position of the last event to include. The default is null, which means now.</summary>
    public long? Until
    {
        get => Moment.Position;
        set => Moment = value is { } position ? HistoryMoment.At(position) : HistoryMoment.Now;
    }

    /// <summary>
    /// Gets or sets the moment up to which events and deletions are included; now by default. Setting
    /// <see cref="Until"/> sets this property.
    /// </summary>
    public HistoryMoment Moment { get; set; }

    /// <summary>
    /// Gets or sets the maximum duration of the search; from 1 ms to 1 h, 30 s by default. This does not include up to
    /// a minute of waiting for other searches, and up to 30 s of reading earlier events again. After this time, the
    /// search returns its results so far, with <see cref="Explanation.IsComplete"/> false.
    /// </summary>
    public TimeSpan TimeLimit { get; set; } = SearchLimit.Default;

    /// <summary>
    /// Gets or sets the <see cref="Explanation.Continuation"/> of an earlier search for the same value, at which the
    /// search continues. The default is null, so that the search starts with the first event.
    /// </summary>
    public string? Continuation { get; set; }

    /// <summary>
    /// Gets or sets the name of the shard whose part of a document is explained; null (default) for all shards. With
    /// several shards, <see cref="Until"/> and <see cref="Continuation"/> need it, because positions belong to one log.
    /// The state of a stream is always explained in its shard.
    /// </summary>
    public string? Shard { get; set; }

    internal void Check()
    {
        SearchLimit.Check(TimeLimit);
        ArgumentOutOfRangeException.ThrowIfNegative(Most);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Most, 10_000);
    }
}
