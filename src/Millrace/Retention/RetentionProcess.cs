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
    private const int ArchiveStreams = 1_000; // Few large files. Their events are removed in several commits.
    private const int BatchEvents = 20_000;
    private const int BatchBytes = 32 * 1024 * 1024;

    private readonly RetentionLog _log = new(scope);

    /// <summary>Counts what the policies remove and keep now.</summary>
    public async Task<RetentionRun> Plan(
        RetentionDeclaration declaration, RetentionRule? before, CancellationToken cancellationToken)
    {
        var now = await Now(cancellationToken).ConfigureAwait(false);
        var evaluator = new RunEvaluator(scope, declaration, null, before, now);
        var subjects = evaluator.CreateSubjectPlanner();
        var tally = await new RetentionPlanner(scope, evaluator, _ => default)
            .Count(subjects, erasures is not null, cancellationToken).ConfigureAwait(false);
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
        TimeSpan lockWait,
        CancellationToken cancellationToken)
    {
        var request = new LockRequest(scope.ToStored(RetentionEvents.Stream)) { Wait = lockWait };
        var held = await Locks.Of(scope.Store).Acquire(request, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
            var record = await _log.Read(id, stopping.Token).ConfigureAwait(false);
            if (!record.HasStarted)
            {
                await Start(record, by, declaration, before, stopping.Token).ConfigureAwait(false);
                record = await _log.Read(id, stopping.Token).ConfigureAwait(false);
            }
            if (!record.HasEnded)
                await ContinueUntilStopped(record, declaration, stopping.Token).ConfigureAwait(false);
            return await _log.Read(id, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Stops a run. A node that carries it out ends after its current batch. Erasures of the run that have not started
    /// are refused.
    /// </summary>
    public async Task<RetentionRecord> Stop(string id, string by, string reason, CancellationToken cancellationToken)
    {
        var note = new RetentionNote { By = by, Reason = reason };
        var isStopped = await _log.Stop(id, note, cancellationToken).ConfigureAwait(false);
        var record = await _log.Read(id, cancellationToken).ConfigureAwait(false);
        if (!record.IsStopped)
            throw new RetentionRefusedException(id, "the run has ended, so that it cannot be stopped.");
        if (isStopped)
            settings.AfterStep?.Invoke(RetentionEvents.Stopped);
        await new RetentionErasures(scope).RefuseAll(record, cancellationToken).ConfigureAwait(false);
        return record;
    }

    private async Task Start(
        RetentionRecord record,
        string by,
        RetentionDeclaration declaration,
        RetentionRule? before,
        CancellationToken cancellationToken)
    {
        var note = new RetentionNote
        {
            By = by,
            At = await Now(cancellationToken).ConfigureAwait(false),
            Before = before,
            Declaration = declaration,
            Open = await _log.FindOpen(cancellationToken).ConfigureAwait(false),
        };
        await Append(record, RetentionEvents.Started, note, cancellationToken).ConfigureAwait(false);
    }

    private async Task ContinueUntilStopped(
        RetentionRecord record, RetentionDeclaration declaration, CancellationToken cancellationToken)
    {
        try
        {
            await Continue(record, declaration, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception refusal) when (refusal is RetentionRefusedException or VersionConflictException)
        {
            var stopped = await _log.Read(record.Id, cancellationToken).ConfigureAwait(false);
            if (!stopped.IsStopped)
                throw;
            await new RetentionErasures(scope).RefuseAll(stopped, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task Continue(
        RetentionRecord record, RetentionDeclaration declaration, CancellationToken cancellationToken)
    {
        var evaluator = EvaluatorOf(record, declaration);
        var planner = new RetentionPlanner(scope, evaluator, token => _log.ThrowIfStopped(record.Id, token));
        // One planner, because each one reads the whole log.
        var subjects = evaluator.CreateSubjectPlanner();
        if (!record.IsPlanned)
        {
            var planned = await planner.Count(subjects, erasures is not null, cancellationToken).ConfigureAwait(false);
            var note = new RetentionNote { Results = planned.Results() };
            await Append(record, RetentionEvents.Planned, note, cancellationToken).ConfigureAwait(false);
        }
        var remover = new StreamRemover(scope, evaluator, _log);
        var kept = await planner.CreateTally(cancellationToken).ConfigureAwait(false);
        // The events are the only evidence of a data subject, so its data is erased before they are removed.
        var young = subjects is not null
            ? await new RetentionEraser(scope, erasures, _log, settings.AfterStep)
                .EraseAll(record, subjects, kept, cancellationToken).ConfigureAwait(false)
            : new NameSet();
        var unerased = new UnerasedData(scope, evaluator.AllRules, young);
        await RemoveAll(record, planner.Find(unerased, cancellationToken), remover, kept, cancellationToken)
            .ConfigureAwait(false);
        await remover.RemoveLateSnapshots(record, cancellationToken).ConfigureAwait(false);
        record = await _log.Read(record.Id, cancellationToken).ConfigureAwait(false);
        record.Removed.AddKept(kept);
        var completed = new RetentionNote { Results = record.Removed.ResultsWithoutArchives() };
        await Append(record, RetentionEvents.Completed, completed, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the decisions of a run: by the policies with which it started, and by those that are declared now if
    /// they differ. A run that an earlier version started did not record its policies.
    /// </summary>
    private RunEvaluator EvaluatorOf(RetentionRecord record, RetentionDeclaration declaration)
    {
        var recorded = record.Declaration ?? declaration;
        return new RunEvaluator(
            scope,
            recorded,
            RetentionLog.AreEqual(recorded, declaration) ? null : declaration,
            record.Before,
            record.At);
    }

    private async Task RemoveAll(
        RetentionRecord record,
        IAsyncEnumerable<StreamVerdict> verdicts,
        StreamRemover remover,
        RetentionTally kept,
        CancellationToken cancellationToken)
    {
        var batch = new List<StreamVerdict>();
        var (events, bytes) = (0L, 0L);
        await foreach (var verdict in verdicts.ConfigureAwait(false))
        {
            if (verdict.Kept is { } reason)
            {
                kept.AddKept(verdict.Rule.ToString(), reason, verdict.Name);
                continue;
            }
            var maxStreams = verdict.Rule.Action == RetentionAction.Archive ? ArchiveStreams : BatchStreams;
            if (batch.Count > 0 && (batch[0].Rule != verdict.Rule || batch.Count >= maxStreams
                || events + verdict.Part.Events > BatchEvents || bytes + verdict.Part.Bytes > BatchBytes))
            {
                await Remove(record, batch, remover, kept, cancellationToken).ConfigureAwait(false);
                (events, bytes) = (0, 0);
            }
            batch.Add(verdict);
            events += verdict.Part.Events;
            bytes += verdict.Part.Bytes;
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
        if (batch[0].Rule.Action == RetentionAction.Archive)
            await Archive(record, batch, cancellationToken).ConfigureAwait(false);
        foreach (var part in batch.Chunk(BatchStreams))
        {
            var started = scope.Store.Time.GetTimestamp();
            await remover.Remove(record, part, kept, cancellationToken).ConfigureAwait(false);
            settings.AfterStep?.Invoke(RetentionEvents.Removed);
            var pause = TimeSpan.FromSeconds((double)part.Length / settings.StreamsPerSecond)
                - scope.Store.Time.GetElapsedTime(started);
            if (pause > TimeSpan.FromMilliseconds(1))
                await Task.Delay(pause, scope.Store.Time, cancellationToken).ConfigureAwait(false);
        }
        batch.Clear();
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
        try
        {
            await Append(record, RetentionEvents.Archived, note, cancellationToken).ConfigureAwait(false);
        }
        catch (RetentionRefusedException)
        {
            var current = await _log.Read(record.Id, cancellationToken).ConfigureAwait(false);
            if (!current.Removed.HasArchive(archive.File))
                StreamArchive.Delete(settings.ArchiveDirectory, archive.File);
            throw;
        }
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

    private async Task Append(
        RetentionRecord record, string type, RetentionNote note, CancellationToken cancellationToken)
    {
        await _log.AppendNext(record, type, note, cancellationToken).ConfigureAwait(false);
        settings.AfterStep?.Invoke(type);
    }
}
