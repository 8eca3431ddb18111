using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>Classifies the failures of an immediate view, and counts those from which the pause before the next build
/// follows. Pure functions.</summary>
/// <remarks>
/// A view whose build succeeds and that fails soon afterwards would otherwise be built again and again without a pause.
/// </remarks>
internal static class ImmediateFailures
{
    private const int MaxProblemLength = 4_000;

    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Returns whether the database cannot be used now, or the outcome of a commit is unknown. The projection then
    /// tries again, as after its own reads and commits.
    /// </summary>
    public static bool IsOfStorage(Exception exception) =>
        exception is StorageException { Problem: not (StorageProblem.Other or StorageProblem.Damaged) };

    /// <summary>Returns whether the rows of a view can be the cause of a failed commit, which wrote nothing.</summary>
    public static bool CanBeOfRows(Exception exception) =>
        exception is not (DocumentConflictException or LeaseLostException or DeadLetterConflictException
            or MillraceException { IsTransient: true })
        && !IsOfStorage(exception);

    /// <summary>
    /// Returns the record after a failure. Work that started before a request for a refresh does not answer it.
    /// </summary>
    /// <param name="record">The record before the failure.</param>
    /// <param name="failure">The failure.</param>
    /// <param name="from">The time at which the failed work started.</param>
    /// <param name="now">The current time.</param>
    public static ViewRecord Add(ViewRecord record, Exception failure, DateTimeOffset from, DateTimeOffset now)
    {
        var builds = TimeSpan.FromSeconds(record.DurationSeconds * 2);
        var isRepeated = record.Error is not null || record.FailedAt + (builds > Memory ? builds : Memory) > now;
        return record with
        {
            Failures = isRepeated ? record.Failures + 1 : 1,
            FailedAt = record.IsRequestedAfter(from) ? null : now,
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
