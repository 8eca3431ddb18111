using Millrace.Erasing;
using Millrace.Events;

namespace Millrace.Retention;

/// <summary>
/// Carries out a run. The events of the run define what was done, so that another call or another node continues after
/// an interruption. The commit that removes events also records them.
/// </summary>
internal sealed class RetentionProcess(ErasureScope scope, RetentionSettings settings, Erasures? erasures)
{
    private const int BatchStreams = 50;
    private const int BatchEvents = 20_000;
    private const int BatchBytes = 32 * 1024 * 1024;

    private readonly RetentionLog _log = new(scope);

    /// <summary>Counts what the policies remove and keep now.</summary>
    public async Task<RetentionRun> Plan(
        RetentionDeclaration declaration, RetentionRule? before, CancellationToken cancellationToken)
    {
        var now = await Now(cancellationToken).ConfigureAwait(false);
        var evaluator = new StreamEvaluator(scope, With(declaration, before), now);
        var subjects = before is null ? evaluator.CreateSubjectPlanner() : null;
        var tally = await new RetentionPlanner(scope, evaluator)
            .Count(new RetentionRules(declaration, scope.Tenant), subjects, erasures is not null, cancellationToken)
            .ConfigureAwait(false);
        return new RetentionRun
        {
            StartedAt = now,
            Results = tally.Results(),
            OutOfReach = RetentionPlaces.OutOfReach,
        };
    }

    /// <summary>Starts a run, or continues the run with the id, until it has ended.</summary>
    public async Task<RetentionRecord> Run(
        string id,
        string by,
        RetentionDeclaration declaration,
        RetentionRule? before,
        CancellationToken cancellationToken)
    {
        var request = new LockRequest(scope.ToStored(RetentionEvents.Stream)) { Wait = TimeSpan.FromSeconds(1) };
        var held = await Locks.Of(scope.Store).Acquire(request, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
            var record = await _log.Read(id, stopping.Token).ConfigureAwait(false);
            if (!record.HasStarted)
            {
                var now = await Now(stopping.Token).ConfigureAwait(false);
                var note = new RetentionNote { By = by, At = now, Before = before };
                await Append(record, RetentionEvents.Started, note, stopping.Token).ConfigureAwait(false);
                record = await _log.Read(id, stopping.Token).ConfigureAwait(false);
            }
            if (!record.HasEnded)
                await Continue(record, declaration, stopping.Token).ConfigureAwait(false);
            return await _log.Read(id, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task Continue(
        RetentionRecord record, RetentionDeclaration declaration, CancellationToken cancellationToken)
    {
        var evaluator = new StreamEvaluator(scope, With(declaration, record.Before), record.At);
        var planner = new RetentionPlanner(scope, evaluator);
        var rules = new RetentionRules(declaration, scope.Tenant);
        // One planner, because each one reads the whole log.
        var subjects = record.Before is null ? evaluator.CreateSubjectPlanner() : null;
        if (!record.IsPlanned)
        {
            var planned = await planner.Count(rules, subjects, erasures is not null, cancellationToken)
                .ConfigureAwait(false);
            var note = new RetentionNote { Results = planned.Results() };
            await Append(record, RetentionEvents.Planned, note, cancellationToken).ConfigureAwait(false);
        }
        var remover = new StreamRemover(scope, evaluator, _log);
        var kept = planner.CreateTally();
        // The events are the only evidence of a data subject, so its data is erased before they are removed.
        var young = subjects is not null
            ? await new RetentionEraser(scope, erasures, _log, settings.AfterStep)
                .EraseAll(record, subjects, kept, cancellationToken).ConfigureAwait(false)
            : new HashSet<string>();
        var unerased = new UnerasedData(scope, rules, young);
        await RemoveAll(record, planner.Find(unerased, cancellationToken), remover, kept, cancellationToken)
            .ConfigureAwait(false);
        record = await _log.Read(record.Id, cancellationToken).ConfigureAwait(false);
        await remover.RemoveLateSnapshots(record.RemovedStreams, cancellationToken).ConfigureAwait(false);
        record.Removed.AddKept(kept);
        var completed = new RetentionNote { Results = record.Removed.ResultsWithoutArchives() };
        await Append(record, RetentionEvents.Completed, completed, cancellationToken).ConfigureAwait(false);
    }

    private async Task RemoveAll(
        RetentionRecord record,
        IAsyncEnumerable<StreamVerdict> verdicts,
        StreamRemover remover,
        RetentionTally kept,
        CancellationToken cancellationToken)
    {
        var batch = new List<StreamVerdict>();
        await foreach (var verdict in verdicts.ConfigureAwait(false))
        {
            if (verdict.Kept is { } reason)
            {
                kept.AddKept(verdict.Rule.ToString(), reason, verdict.Name);
                continue;
            }
            if (batch.Count > 0 && (batch[0].Rule != verdict.Rule || batch.Count == BatchStreams
                || batch.Sum(other => other.Part.Events) + verdict.Part.Events > BatchEvents
                || batch.Sum(other => other.Part.Bytes) + verdict.Part.Bytes > BatchBytes))
                await Remove(record, batch, remover, kept, cancellationToken).ConfigureAwait(false);
            batch.Add(verdict);
        }
        if (batch.Count > 0)
            await Remove(record, batch, remover, kept, cancellationToken).ConfigureAwait(false);
    }

    private async Task Remove(
        RetentionRecord record,
        List<StreamVerdict> batch,
        StreamRemover remover,
        RetentionTally kept,
        CancellationToken cancellationToken)
    {
        var started = scope.Store.Time.GetTimestamp();
        if (batch[0].Rule.Action == RetentionAction.Archive)
            await Archive(record, batch, cancellationToken).ConfigureAwait(false);
        await remover.Remove(record, batch, kept, cancellationToken).ConfigureAwait(false);
        settings.AfterStep?.Invoke(RetentionEvents.Removed);
        var pause = TimeSpan.FromSeconds((double)batch.Count / settings.StreamsPerSecond)
            - scope.Store.Time.GetElapsedTime(started);
        batch.Clear();
        if (pause > TimeSpan.FromMilliseconds(1))
            await Task.Delay(pause, scope.Store.Time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes the events to a file, and records the file before any of its events is removed.</summary>
    private async Task Archive(
        RetentionRecord record, List<StreamVerdict> batch, CancellationToken cancellationToken)
    {
        var policy = batch[0].Rule.ToString();
        var archive = await new StreamArchive(scope, settings.ArchiveDirectory)
            .Write(record.Id, policy, batch, cancellationToken).ConfigureAwait(false);
        settings.AfterStep?.Invoke("archive-written");
        var note = new RetentionNote { By = record.By, Policy = policy, Archive = archive };
        await Append(record, RetentionEvents.Archived, note, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the earlier of the times of the node and of the storage, so that a clock that is ahead removes nothing
    /// early.
    /// </summary>
    public async ValueTask<DateTimeOffset> Now(CancellationToken cancellationToken)
    {
        var node = scope.Store.Time.GetUtcNow();
        var table = await scope.Storage.Leases.Inspect(node, cancellationToken).ConfigureAwait(false);
        return table.Now < node ? table.Now.ToUniversalTime() : node;
    }

    /// <summary>
    /// Returns the policies of a removal before a date: its own policy, and those of event types, which protect
    /// streams. A removal that continues after the category was kept removes nothing more.
    /// </summary>
    private RetentionDeclaration With(RetentionDeclaration declaration, RetentionRule? before)
    {
        if (before is null)
            return declaration;
        var protecting = declaration.Rules.Where(rule => rule.Target == RetentionTarget.EventType)
            .Select(rule => rule with { OnlyProtects = true });
        var isKept = new RetentionRules(declaration, scope.Tenant).ForCategory(before.Name)
            is { Action: RetentionAction.Keep };
        return declaration with { Rules = isKept ? [.. protecting] : [.. protecting, before] };
    }

    private async Task Append(
        RetentionRecord record, string type, RetentionNote note, CancellationToken cancellationToken)
    {
        await _log.AppendNext(record, type, note, cancellationToken).ConfigureAwait(false);
        settings.AfterStep?.Invoke(type);
    }
}
