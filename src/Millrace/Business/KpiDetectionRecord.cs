namespace Millrace.Business;

/// <summary>How far the hours of a figure were examined, as one document. The states are stored with it.</summary>
internal sealed record KpiDetectionRecord
{
    /// <summary>The start of the first examined hour.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The end of the last examined hour.</summary>
    public required DateTimeOffset Through { get; init; }

    /// <summary>The first hour of the figure when it was examined from its start.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>The hash of the examined values. If it differs, late events or a rebuild have changed them.</summary>
    public required string Hash { get; init; }

    /// <summary>The start of the first hour whose anomalies are reported to channels.</summary>
    public required DateTimeOffset NotifyFrom { get; init; }

    /// <summary>The maximum number of members when they were chosen.</summary>
    public int MaxMembers { get; init; }

    /// <summary>The time at which the members were chosen.</summary>
    public DateTimeOffset RankedAt { get; init; }

    /// <summary>The members that are examined separately, in the order of their states.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];
}

/// <summary>The compressed state of a detector.</summary>
internal sealed record KpiDetectorState(byte[] State);
