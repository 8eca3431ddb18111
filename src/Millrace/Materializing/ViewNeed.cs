namespace Millrace.Materializing;

/// <summary>What a caller needs from a refresh.</summary>
/// <param name="StartedAfter">The time after which a sufficient refresh has started; null for any time.</param>
/// <param name="After">The position that the rows must reflect, with the maximum wait.</param>
internal readonly record struct ViewNeed(DateTimeOffset? StartedAfter, ReadAfter After)
{
    /// <summary>Returns whether the stored rows are sufficient.</summary>
    public bool IsMetBy(ViewRecord? record) =>
        record is { Live: not null, RefreshedAt: { } refreshed }
        && (StartedAfter is not { } since || refreshed >= since)
        && (After.Token.IsNone
            || (record.LogEpoch == After.Token.LogEpoch && record.Position >= After.Token.Position));
}
