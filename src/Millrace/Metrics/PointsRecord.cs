namespace Millrace.Metrics;

/// <summary>The points of all series of a node in an hour or a day, as they are stored.</summary>
internal sealed record PointsRecord
{
    public required string Node { get; init; }

    public required DateTimeOffset Start { get; init; }

    /// <summary>Gets whether the hour of these minutes is stored.</summary>
    public bool IsDownsampled { get; init; }

    public required IReadOnlyList<StoredSeries> Series { get; init; }
}
