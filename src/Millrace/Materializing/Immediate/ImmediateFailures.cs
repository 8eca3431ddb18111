using Millrace.Events;

namespace Millrace.Materializing.Immediate;

/// <summary>Counts the failures of an immediate view, from which the pause before the next build follows. Pure
/// functions.</summary>
/// <remarks>
/// A view whose build succeeds and that fails soon afterwards would otherwise be built again and again without a pause.
/// </remarks>
internal static class ImmediateFailures
{
    private const int MaxProblemLength = 4_000;

    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>Returns the record after a failure.</summary>
    public static ViewRecord Add(ViewRecord record, Exception failure, DateTimeOffset now)
    {
        var builds = TimeSpan.FromSeconds(record.DurationSeconds * 2);
        var isRepeated = record.Error is not null || record.FailedAt + (builds > Memory ? builds : Memory) > now;
        return record with
        {
            Failures = isRepeated ? record.Failures + 1 : 1,
            FailedAt = now,
            Error = UntrustedText.Clip(failure.Message, MaxProblemLength),
        };
    }

    /// <summary>
    /// Returns the record after a successful build. It keeps the number of failures, unless an operator has requested
    /// the build.
    /// </summary>
    public static ViewRecord End(ViewRecord record) =>
        record with { Failures = record.FailedAt is null ? 0 : record.Failures, Error = null };
}
