namespace Millrace;

/// <summary>The status of a version of a materialized view on all nodes.</summary>
public sealed record ViewStatus
{
    /// <summary>Gets the name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the version.</summary>
    public required int Version { get; init; }

    /// <summary>Gets whether this program declares the view with this version.</summary>
    public bool IsDeclared { get; init; }

    /// <summary>Gets the policy of the refresh, such as <c>scheduled 5 s to 300 s</c>.</summary>
    public required string Policy { get; init; }

    /// <summary>
    /// Gets what computes the rows: <c>code</c>, <c>sql</c>, or <c>map</c> or <c>group</c> for an immediate view.
    /// </summary>
    public string Query { get; init; } = "code";

    /// <summary>
    /// Gets the number of rows. The rows of an immediate view are counted up to 10,000, so that the status of a large
    /// view is read fast; those of other views are counted when they are computed.
    /// </summary>
    public long Rows { get; init; }

    /// <summary>Gets whether the view can have more rows than <see cref="Rows"/>.</summary>
    public bool HasMoreRows { get; init; }

    /// <summary>Gets the position of the log that the rows reflect at least; 0 before the first refresh.</summary>
    public long Position { get; init; }

    /// <summary>Gets the time at which the refresh of the rows started; null before the first refresh.</summary>
    public DateTimeOffset? RefreshedAt { get; init; }

    /// <summary>Gets the time since the refresh of the rows started; zero before the first refresh.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>Gets the number of reads.</summary>
    public long Reads { get; init; }

    /// <summary>Gets the reads per minute. The weight of a read halves every five minutes.</summary>
    public double ReadsPerMinute { get; init; }

    /// <summary>Gets the duration of the last refresh; zero before the first refresh.</summary>
    public TimeSpan LastDuration { get; init; }

    /// <summary>Gets whether a refresh is running, or was interrupted.</summary>
    public bool IsRefreshing { get; init; }

    /// <summary>Gets the collection that contains the rows; null before the first refresh.</summary>
    public string? Collection { get; init; }

    /// <summary>Gets the number of failed refreshes since the last successful one.</summary>
    public int Failures { get; init; }

    /// <summary>Gets the error of the last refresh; null if it succeeded.</summary>
    public string? Error { get; init; }
}
