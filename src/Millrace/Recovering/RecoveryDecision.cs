using System.Globalization;
using Millrace.Events;

namespace Millrace.Recovering;

/// <summary>Decides the next step of a case of a rule. Pure: it has no clock and no store.</summary>
internal static class RecoveryDecision
{
    /// <summary>Returns the next step.</summary>
    /// <param name="before">The case; null if there is none.</param>
    /// <param name="seen">The fault; null if it is not seen now.</param>
    /// <param name="rule">The rule that applies.</param>
    /// <param name="moment">The current time and node.</param>
    public static RecoveryStep Next(
        RecoveryRecord? before, RecoveryDiagnosis? seen, RecoveryRule rule, RecoveryMoment moment)
    {
        // Actions run within a pass, so a case that acts belongs to a node that has ended or has lost its lock.
        if (before is { State: RecoveryState.Acting })
            return Interrupted(before, rule, moment);
        return seen is null ? Unseen(before, rule, moment) : Seen(before, seen, rule, moment);
    }

    /// <summary>Returns the step after an action has ended.</summary>
    /// <param name="acting">The case that acts.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="error">The error; null if the action succeeded.</param>
    /// <param name="duration">The duration of the action.</param>
    /// <param name="moment">The current time and node.</param>
    public static RecoveryStep Ended(
        RecoveryRecord acting, RecoveryRule rule, string? error, TimeSpan duration, RecoveryMoment moment)
    {
        var note = NoteOf(acting) with { DurationMs = duration.TotalMilliseconds, Text = error };
        return error is null
            ? RecoveryStep.Of(Verifying(acting, rule, moment), (RecoveryEvents.Succeeded, note))
            : Retry(acting, rule, error, moment).AfterEvents([(RecoveryEvents.Failed, note)]);
    }

    /// <summary>Returns the step that ends all attempts, because an action still runs after its timeout.</summary>
    public static RecoveryStep Hangs(
        RecoveryRecord acting, RecoveryRule rule, TimeSpan duration, RecoveryMoment moment)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"The action '{acting.Action}' ignores its cancellation and still runs on the node {moment.Node} after "
                + $"{rule.ActionTimeout.TotalSeconds:0} s. Restart the node.");
        var note = NoteOf(acting) with { DurationMs = duration.TotalMilliseconds, Text = text };
        return GivenUp(acting, text, moment).AfterEvents([(RecoveryEvents.Failed, note)]);
    }

    /// <summary>Returns the step that ends a case whose rule was removed or disabled.</summary>
    public static RecoveryStep Dropped(RecoveryRecord before) =>
        before.State is RecoveryState.Observing or RecoveryState.Healed
            ? RecoveryStep.Of(null)
            : RecoveryStep.Of(
                null,
                (RecoveryEvents.Dropped, NoteOf(before) with { Text = "The rule was removed or disabled." }));

    private static RecoveryStep Interrupted(RecoveryRecord before, RecoveryRule rule, RecoveryMoment moment)
    {
        var text = $"The node {before.Node} ended during the action, or lost the right to act.";
        var note = NoteOf(before) with { Text = text };
        return RecoveryStep.Of(
            Verifying(before with { Reason = text }, rule, moment), (RecoveryEvents.Failed, note));
    }

    private static RecoveryStep Unseen(RecoveryRecord? before, RecoveryRule rule, RecoveryMoment moment)
    {
        if (before is null or { State: RecoveryState.Observing })
            return RecoveryStep.Of(null);
        if (before.State == RecoveryState.Healed)
            return RecoveryStep.Of(before.Attempts.Any(at => IsInWindow(at, rule, moment)) ? before : null);
        var clear = before with { ClearSince = before.ClearSince ?? moment.Now };
        if (moment.Now - clear.ClearSince < rule.HealthyFor)
            return RecoveryStep.Of(clear);
        var healed = clear with
        {
            State = RecoveryState.Healed,
            NotBefore = null,
            VerifyUntil = null,
            Reason = null,
        };
        var duration = (clear.ClearSince.Value - before.Since).TotalMilliseconds;
        return RecoveryStep.Of(
            healed, (RecoveryEvents.Healed, NoteOf(before) with { DurationMs = Math.Max(0, duration) }));
    }

    private static RecoveryStep Seen(
        RecoveryRecord? before, RecoveryDiagnosis seen, RecoveryRule rule, RecoveryMoment moment)
    {
        var current = before is null or { State: RecoveryState.Healed } || before.Rule != rule.Name
            ? Observing(before, seen, rule, moment)
            : before with { ClearSince = null };
        return current.State switch
        {
            RecoveryState.Observing when moment.Now - current.Since < rule.After => RecoveryStep.Of(current),
            RecoveryState.Observing => Choose(current with { Diagnosis = seen }, rule, moment)
                .AfterEvents([(RecoveryEvents.Diagnosed, NoteOf(current) with { Diagnosis = seen })]),
            RecoveryState.Verifying when moment.Now < current.VerifyUntil => RecoveryStep.Of(current),
            RecoveryState.Verifying => NotHealed(current, rule, moment),
            RecoveryState.Waiting when moment.Now < current.NotBefore => RecoveryStep.Of(current),
            RecoveryState.Waiting => Choose(current, rule, moment),
            RecoveryState.Planned when !moment.IsDryRun => Choose(current, rule, moment),
            _ => RecoveryStep.Of(current),
        };
    }

    private static RecoveryRecord Observing(
        RecoveryRecord? before, RecoveryDiagnosis seen, RecoveryRule rule, RecoveryMoment moment) => new()
        {
            Id = Guid.CreateVersion7(moment.Now).ToString("N"),
            State = RecoveryState.Observing,
            Rule = rule.Name,
            Diagnosis = seen,
            Subject = seen.Subject,
            Since = moment.Now,
            Attempts = before?.Attempts ?? [],
        };

    private static RecoveryStep NotHealed(RecoveryRecord current, RecoveryRule rule, RecoveryMoment moment)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"The fault still exists {(moment.Now - current.StartedAt)?.TotalSeconds:0} s after the start of the "
                + $"action '{current.Action}'.");
        return Retry(current, rule, current.Reason ?? text, moment)
            .AfterEvents([(RecoveryEvents.NotHealed, NoteOf(current) with { Text = text })]);
    }

    /// <summary>Waits before the next attempt, or gives up after the last one.</summary>
    private static RecoveryStep Retry(
        RecoveryRecord current, RecoveryRule rule, string reason, RecoveryMoment moment)
    {
        var attempts = CountedAttempts(current, rule, moment);
        if (attempts.Count >= rule.MaxAttempts)
            return GivenUp(current, Exhausted(attempts.Count, reason), moment);
        var delay = rule.RetryDelay * Math.Pow(2, Math.Clamp(attempts.Count - 1, 0, 20));
        return RecoveryStep.Of(current with
        {
            State = RecoveryState.Waiting,
            NotBefore = moment.Now + (delay < rule.Window ? delay : rule.Window),
            VerifyUntil = null,
            Reason = reason,
        });
    }

    /// <summary>Starts the next attempt, or leaves the case to a person.</summary>
    private static RecoveryStep Choose(RecoveryRecord current, RecoveryRule rule, RecoveryMoment moment)
    {
        if (rule.Actions.Count == 0)
            return GivenUp(current, "No action can repair this.", moment);
        var attempts = CountedAttempts(current, rule, moment);
        if (attempts.Count >= rule.MaxAttempts)
            return GivenUp(current, Exhausted(attempts.Count, current.Reason), moment);
        var acting = current with
        {
            State = moment.IsDryRun ? RecoveryState.Planned : RecoveryState.Acting,
            Action = rule.ActionOf(attempts.Count + 1),
            Attempts = moment.IsDryRun ? attempts : [.. attempts, moment.Now],
            Node = moment.Node,
            StartedAt = moment.Now,
            NotBefore = null,
            Reason = null,
        };
        var note = NoteOf(acting) with { Attempt = attempts.Count + 1 };
        return moment.IsDryRun
            ? RecoveryStep.Of(acting, (RecoveryEvents.Planned, note))
            : RecoveryStep.Of(acting, (RecoveryEvents.Started, note)) with { Starts = true };
    }

    private static RecoveryStep GivenUp(RecoveryRecord current, string reason, RecoveryMoment moment)
    {
        var text = current.Diagnosis?.Advice is { } advice ? $"{reason} {advice}" : reason;
        var after = current with
        {
            State = RecoveryState.GivenUp,
            NotBefore = null,
            VerifyUntil = null,
            Reason = text,
        };
        var note = NoteOf(after) with
        {
            Node = moment.Node,
            Diagnosis = current.Diagnosis,
            Text = text,
        };
        return RecoveryStep.Of(after, (RecoveryEvents.GivenUp, note));
    }

    private static RecoveryRecord Verifying(RecoveryRecord acting, RecoveryRule rule, RecoveryMoment moment) =>
        acting with { State = RecoveryState.Verifying, VerifyUntil = moment.Now + rule.VerifyWithin };

    /// <summary>
    /// Returns all attempts of the case, and those of earlier cases within the window. A case so has a bound, however
    /// long its attempts take.
    /// </summary>
    private static List<DateTimeOffset> CountedAttempts(
        RecoveryRecord record, RecoveryRule rule, RecoveryMoment moment) =>
        [.. record.Attempts.Where(at => at >= record.Since || IsInWindow(at, rule, moment))];

    private static bool IsInWindow(DateTimeOffset attempt, RecoveryRule rule, RecoveryMoment moment) =>
        moment.Now - attempt < rule.Window;

    private static string Exhausted(int attempts, string? reason)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{attempts} {(attempts == 1 ? "attempt has" : "attempts have")} not helped.");
        return reason is null ? text : $"{text} {reason}";
    }

    private static RecoveryNote NoteOf(RecoveryRecord record) => RecoveryNote.Of(record) with
    {
        Action = record.Action,
        Attempt = record.Action is null ? null : record.Attempts.Count,
        Node = record.Node,
    };
}
