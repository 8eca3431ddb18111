using Millrace.Erasing;
using Millrace.Events;

namespace Millrace.Retention;

/// <summary>Erases personal data that has expired. Each erasure has its own record and its own certificate.</summary>
/// <param name="scope">The store.</param>
/// <param name="erasures">The erasures; null if the program cannot erase.</param>
/// <param name="log">The events of retention.</param>
/// <param name="afterStep">A hook for tests.</param>
internal sealed class RetentionEraser(
    ErasureScope scope, Erasures? erasures, RetentionLog log, Action<string>? afterStep)
{
    /// <summary>The reason of kept data if the program cannot erase.</summary>
    public const string NeedsApplication = "only the application, with AddErasures, erases personal data";

    private const string NotApproved = "another user must approve its erasure";
    private const string Incomplete = "its erasure is incomplete: the certificate lists remaining data";
    private const string Stopped = "its erasure was stopped, so that data can remain";

    private readonly RetentionErasures _requested = new(scope);

    /// <summary>Erases the personal data that has expired, subject by subject, each with its own certificate.</summary>
    /// <param name="record">The run.</param>
    /// <param name="planner">Finds the subjects.</param>
    /// <param name="kept">Receives the subjects that are kept.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The subjects whose data has not expired as a whole.</returns>
    public async Task<NameSet> EraseAll(
        RetentionRecord record,
        SubjectPlanner planner,
        RetentionTally kept,
        CancellationToken cancellationToken)
    {
        var waiting = await RecordInterrupted(record, cancellationToken).ConfigureAwait(false);
        var young = new NameSet();
        await foreach (var found in planner.Find(cancellationToken).ConfigureAwait(false))
        {
            await log.ThrowIfStopped(record.Id, cancellationToken).ConfigureAwait(false);
            var reason = found.Kept ?? (erasures is null ? NeedsApplication : null);
            if (reason is null)
            {
                waiting.Remove(RetentionErasures.IdOf(record.Id, found.Subject));
                reason = await Erase(erasures!, record, found, planner, cancellationToken).ConfigureAwait(false);
            }
            if (reason is null)
                continue;
            kept.AddKept(found.Policy, reason, found.Subject);
            if (found.IsYoung || reason == SubjectPlanner.Younger)
                young.Add(found.Subject);
        }
        foreach (var erasure in waiting)
            await _requested.Refuse(erasure, SubjectPlanner.Younger, cancellationToken).ConfigureAwait(false);
        return young;
    }

    /// <summary>Requests, approves and carries out an erasure. Returns the reason if the data is kept.</summary>
    private async Task<string?> Erase(
        Erasures own,
        RetentionRecord record,
        ExpiredSubject found,
        SubjectPlanner planner,
        CancellationToken cancellationToken)
    {
        var erasure = RetentionErasures.IdOf(record.Id, found.Subject);
        var request = new ErasureRequest(
            erasure, found.Subject, RetentionErasures.ReasonOf(record.Id, found.Policy), record.By);
        var state = await own.Request(request, cancellationToken).ConfigureAwait(false);
        if (state.State == ErasureState.Found)
        {
            try
            {
                state = await own.Approve(erasure, record.By, cancellationToken).ConfigureAwait(false);
            }
            catch (ErasureRefusedException)
            {
                return NotApproved;
            }
            afterStep?.Invoke("erasure-approved");
        }
        if (state.State == ErasureState.Refused)
            return state.Refusal;
        // The events were read before the erasures of other subjects, which may have taken hours.
        if (state.State is ErasureState.Found or ErasureState.Approved
            && !await planner.HasExpired(found.Subject, cancellationToken).ConfigureAwait(false))
        {
            await _requested.Refuse(erasure, SubjectPlanner.Younger, cancellationToken).ConfigureAwait(false);
            return SubjectPlanner.Younger;
        }
        try
        {
            await log.ThrowIfStopped(record.Id, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // The stop may have listed the erasures of the run before this one was requested.
            await _requested.Refuse(erasure, RetentionErasures.Stopped, cancellationToken).ConfigureAwait(false);
            throw;
        }
        var ended = await own.CarryOut(erasure, cancellationToken).ConfigureAwait(false);
        afterStep?.Invoke("erasure-ended");
        if (ended.State == ErasureState.Refused)
            return ended.Refusal;
        await RecordErased(record, ended, found.Policy, cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <summary>
    /// Records the erasures of the run that ended without a record, because the node stopped, and completes those that
    /// have started.
    /// </summary>
    /// <returns>The ids of approved erasures that have not started.</returns>
    private async Task<HashSet<string>> RecordInterrupted(
        RetentionRecord record, CancellationToken cancellationToken)
    {
        var waiting = new HashSet<string>(StringComparer.Ordinal);
        if (erasures is null || !record.WasInterrupted)
            return waiting;
        foreach (var id in await _requested.List(record, cancellationToken).ConfigureAwait(false))
        {
            if (record.Erasures.Contains(id)
                || await erasures.Find(id, cancellationToken).ConfigureAwait(false) is not { } found
                || found.State is ErasureState.Requested or ErasureState.Found or ErasureState.Refused)
                continue;
            if (found.State == ErasureState.Approved)
            {
                waiting.Add(id); // Younger data may have been appended since.
                continue;
            }
            var ended = await erasures.CarryOut(id, cancellationToken).ConfigureAwait(false);
            var policy = found.Request.Reason[RetentionErasures.ReasonOf(record.Id, "").Length..];
            await RecordErased(record, ended, policy, cancellationToken).ConfigureAwait(false);
        }
        return waiting;
    }

    private async Task RecordErased(
        RetentionRecord record, ErasureInfo ended, string policy, CancellationToken cancellationToken)
    {
        var note = new RetentionNote
        {
            By = record.By,
            Policy = policy,
            Subject = ended.Request.Subject,
            Erasure = ended.Request.Id,
            Refusal = ended.State switch
            {
                ErasureState.Incomplete => Incomplete,
                ErasureState.Stopped => Stopped,
                _ => null,
            },
        };
        await Append(record, note, cancellationToken).ConfigureAwait(false);
        afterStep?.Invoke(RetentionEvents.Erased);
    }

    /// <summary>Records an erasure, also if the run was stopped while the erasure was carried out.</summary>
    private async Task Append(RetentionRecord record, RetentionNote note, CancellationToken cancellationToken)
    {
        try
        {
            await log.AppendNext(record, RetentionEvents.Erased, note, cancellationToken).ConfigureAwait(false);
        }
        catch (RetentionRefusedException)
        {
            var current = await log.Read(record.Id, cancellationToken).ConfigureAwait(false);
            if (!current.IsStopped)
                throw;
            await log.AppendNext(current, RetentionEvents.Erased, note, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }
}
