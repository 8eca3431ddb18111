using Microsoft.Extensions.Logging;
using Millrace.Alerting;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Recovering;

/// <summary>
/// Decides the next step of each case once, and commits it. Runs at most one action, after its start was committed.
/// </summary>
internal sealed partial class RecoveryPass(
    RecoveryStore store,
    RecoverySetup setup,
    ActionRunner runner,
    Func<CancellationToken, ValueTask<DateTimeOffset>> getNow,
    string node,
    ILogger logger)
{
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);
    private string? _deferredFor;

    /// <summary>Runs a pass.</summary>
    /// <param name="findings">The faults that exist now.</param>
    /// <param name="held">The lock under which this node acts.</param>
    /// <param name="stopping">Cancelled when this node stops.</param>
    /// <returns>True if an action was run: other cases need a new diagnosis first.</returns>
    public async Task<bool> Run(
        RecoveryFindings findings, HeldLock held, CancellationToken stopping)
    {
        using var whileHeld = CancellationTokenSource.CreateLinkedTokenSource(stopping, held.Lost);
        var cancellationToken = whileHeld.Token;
        await store.EnsureCollection(cancellationToken).ConfigureAwait(false);
        var moment = await Moment(cancellationToken).ConfigureAwait(false);
        var cases = await store.ReadAll(ReportUnreadable, cancellationToken).ConfigureAwait(false);
        var seen = new Dictionary<string, RecoveryDiagnosis>(StringComparer.Ordinal);
        foreach (var fault in findings.Faults)
            seen.TryAdd(RecoveryStore.KeyOf(fault), fault);
        // What an operator requests is first.
        foreach (var (key, found) in cases.Where(static one => one.Value.Value.IsByHand))
        {
            if (await StepRequested(key, found, findings, held, moment, stopping).ConfigureAwait(false))
                return true;
        }
        foreach (var key in cases.Where(static one => !one.Value.Value.IsByHand).Select(static one => one.Key)
            .Union(seen.Keys, StringComparer.Ordinal))
        {
            var found = cases.GetValueOrDefault(key);
            var fault = seen.GetValueOrDefault(key);
            if (fault is null && IsUnknown(found?.Value, findings))
                continue;
            if (await StepCase(key, found, fault, held, moment, stopping).ConfigureAwait(false))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Returns whether the fault of a case may still exist, because its diagnosis failed. The end of an interrupted
    /// action needs no diagnosis.
    /// </summary>
    private static bool IsUnknown(RecoveryRecord? before, RecoveryFindings findings) =>
        before is { State: not RecoveryState.Acting, Diagnosis: { } diagnosis }
            && findings.Unknown.Contains(diagnosis.Symptom);

    private async Task<bool> StepCase(
        string key,
        Versioned<RecoveryRecord>? found,
        RecoveryDiagnosis? seen,
        HeldLock held,
        RecoveryMoment moment,
        CancellationToken stopping)
    {
        var before = found?.Value;
        var rule = (seen ?? before?.Diagnosis) is { } fault ? setup.RuleFor(fault, logger) : null;
        if (rule is null && before is null)
            return false;
        var step = rule is null ? RecoveryDecision.Dropped(before!) : RecoveryDecision.Next(before, seen, rule, moment);
        if (step is { Starts: true, After: { } blocked } && runner.Running is { } running)
        {
            if (running != blocked.Action)
                return Defer(running);
            step = RecoveryDecision.Hangs(blocked, rule!, TimeSpan.Zero, moment);
        }
        if (!await Commit(key, found, step, stopping).ConfigureAwait(false) || !step.Starts)
            return false;
        var acting = step.After!; // A start has a state.
        var outcome = await Act(acting, rule!.ActionTimeout, held, stopping).ConfigureAwait(false);
        if (outcome is null)
            return true;
        var ended = await Moment(stopping).ConfigureAwait(false);
        await Complete(
            key,
            outcome.Hangs
                ? RecoveryDecision.Hangs(acting, rule, outcome.Duration, ended)
                : RecoveryDecision.Ended(acting, rule, outcome.Error, outcome.Duration, ended),
            acting,
            stopping).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> StepRequested(
        string key,
        Versioned<RecoveryRecord> found,
        RecoveryFindings findings,
        HeldLock held,
        RecoveryMoment moment,
        CancellationToken stopping)
    {
        var own = findings.Faults.Where(fault => fault.Subject == found.Value.Subject).ToList();
        var step = RequestedDecision.Next(
            found.Value, own, findings.Unknown.Count == 0, RefusalOf(found.Value.Action!), moment);
        if (!await Commit(key, found, step, stopping).ConfigureAwait(false) || !step.Starts)
            return false;
        var acting = step.After!; // A start has a state.
        var outcome = await Act(acting, RequestedDecision.ActionTimeout, held, stopping).ConfigureAwait(false);
        if (outcome is null)
            return true;
        var ended = await Moment(stopping).ConfigureAwait(false);
        await Complete(
            key, RequestedDecision.Ended(acting, outcome.Error, outcome.Duration, ended), acting, stopping)
            .ConfigureAwait(false);
        return true;
    }

    private string? RefusalOf(string action) =>
        !setup.Actions.ContainsKey(action) ? $"The node {node} does not have the action '{action}'."
        : runner.Running is { } running ? $"The action '{running}' still runs on the node {node}. Restart the node."
        : null;

    /// <summary>Leaves a case unchanged while an earlier action still runs. Logs it once for each action.</summary>
    private bool Defer(string running)
    {
        if (_deferredFor != running)
            Log.Waits(logger, running, node);
        _deferredFor = running;
        return false;
    }

    private void ReportUnreadable(string key, StorageException exception)
    {
        if (_unreadable.Add(key))
            Log.Unreadable(logger, key, exception);
    }

    /// <summary>Runs the action of a case. Returns null if this node lost its right before the action.</summary>
    private async Task<ActionOutcome?> Act(
        RecoveryRecord acting, TimeSpan timeout, HeldLock held, CancellationToken stopping)
    {
        if (!held.IsHeld)
            return null; // Another node records that.
        _deferredFor = null;
        Log.Acts(logger, acting.Action!, acting.Subject, acting.Rule ?? acting.By);
        var attempt = new RecoveryAttempt
        {
            Case = acting.Id,
            Number = acting.Attempts.Count,
            Subject = acting.Subject,
            Diagnosis = acting.Diagnosis,
            By = acting.By,
            Token = held.Token,
        };
        return await runner.Run(setup.Actions[acting.Action!], attempt, timeout, held.Lost, stopping)
            .ConfigureAwait(false);
    }

    /// <summary>Commits the end of an action, unless another node has recorded an interruption.</summary>
    private async Task Complete(
        string key, RecoveryStep step, RecoveryRecord acting, CancellationToken cancellationToken)
    {
        var found = await store.Find(key, cancellationToken).ConfigureAwait(false);
        if (found is not { Value: { State: RecoveryState.Acting } current }
            || current.Id != acting.Id
            || current.StartedAt != acting.StartedAt)
            return;
        await Commit(key, found, step, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> Commit(
        string key, Versioned<RecoveryRecord>? found, RecoveryStep step, CancellationToken cancellationToken)
    {
        if (step.Events.Count == 0 && step.After == found?.Value)
            return true;
        if (!await store.TryCommit(key, found?.Version ?? 0, step, cancellationToken).ConfigureAwait(false))
            return false; // Another node, or a request, was first. The next pass decides again.
        foreach (var (type, note) in step.Events)
        {
            if (type == RecoveryEvents.GivenUp)
                Log.GivenUp(logger, note.Rule, note.Diagnosis?.Description, note.Text);
            else if (type == RecoveryEvents.Failed)
                Log.Failed(logger, note.Action, note.Subject, note.Text);
            else if (type == RecoveryEvents.Healed)
                Log.Healed(logger, note.Rule ?? note.Action, note.Subject, note.DurationMs ?? 0);
            else if (type == RecoveryEvents.Planned)
                Log.Planned(logger, note.Action, note.Subject, note.Rule);
        }
        return true;
    }

    private async ValueTask<RecoveryMoment> Moment(CancellationToken cancellationToken) =>
        new(await getNow(cancellationToken).ConfigureAwait(false), node, setup.IsDryRun);

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 25011, Level = LogLevel.Error,
            Message = "The recovery case {Key} cannot be read. Its fault is not repaired; the others are.")]
        public static partial void Unreadable(ILogger logger, string key, Exception exception);

        [LoggerMessage(
            EventId = 25012, Level = LogLevel.Error,
            Message = "No recovery action can start while the action {Action} ignores its cancellation and still runs. "
                + "Restart the node {Node}.")]
        public static partial void Waits(ILogger logger, string action, string node);

        [LoggerMessage(
            EventId = 25001, Level = LogLevel.Error,
            Message = "A person must act (recovery rule {Rule}): {Fault} {Reason}")]
        public static partial void GivenUp(ILogger logger, string? rule, string? fault, string? reason);

        [LoggerMessage(
            EventId = 25002, Level = LogLevel.Warning,
            Message = "The recovery action {Action} starts for {Subject} because of {Reason}.")]
        public static partial void Acts(ILogger logger, string action, string? subject, string? reason);

        [LoggerMessage(
            EventId = 25003, Level = LogLevel.Warning,
            Message = "The recovery action {Action} for {Subject} failed: {Error}")]
        public static partial void Failed(ILogger logger, string? action, string? subject, string? error);

        [LoggerMessage(
            EventId = 25004, Level = LogLevel.Information,
            Message = "The fault {Rule} of {Subject} has disappeared after {DurationMs} ms.")]
        public static partial void Healed(ILogger logger, string? rule, string? subject, double durationMs);

        [LoggerMessage(
            EventId = 25005, Level = LogLevel.Warning,
            Message = "The recovery action {Action} for {Subject} would start because of {Rule}. Nothing is done.")]
        public static partial void Planned(ILogger logger, string? action, string? subject, string? rule);
    }
}
