using System.Globalization;
using Millrace.Events;

namespace Millrace.Recovering;

/// <summary>Decides the next step of an action that an operator requested. Pure.</summary>
internal static class RequestedDecision
{
    /// <summary>The age at which a request that no node has started is not started any more.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(10);

    /// <summary>The maximum duration of an action.</summary>
    public static readonly TimeSpan ActionTimeout = TimeSpan.FromMinutes(5);

    /// <summary>The time after the action at which the health is checked.</summary>
    public static readonly TimeSpan VerifyWithin = TimeSpan.FromSeconds(30);

    /// <summary>Returns the next step.</summary>
    /// <param name="before">The request.</param>
    /// <param name="faults">The faults of its subject.</param>
    /// <param name="isComplete">Whether all diagnoses of faults were possible.</param>
    /// <param name="refusal">Why this node cannot run the action; null if it can.</param>
    /// <param name="moment">The current time and node.</param>
    public static RecoveryStep Next(
        RecoveryRecord before,
        IReadOnlyList<RecoveryDiagnosis> faults,
        bool isComplete,
        string? refusal,
        RecoveryMoment moment) =>
        before.State switch
        {
            RecoveryState.Requested when moment.Now - before.Since > MaxWait => End(
                before, $"No node has started it within {MaxWait.TotalMinutes:0} minutes."),
            RecoveryState.Requested when refusal is not null => End(before, refusal),
            RecoveryState.Requested => Start(before, moment),
            RecoveryState.Acting => End(
                before, $"The node {before.Node} ended during the action, or lost the right to act."),
            _ => Verify(before, faults, isComplete, moment),
        };

    /// <summary>Returns the step after the action has ended.</summary>
    public static RecoveryStep Ended(
        RecoveryRecord acting, string? error, TimeSpan duration, RecoveryMoment moment)
    {
        if (error is not null)
            return End(acting, error, duration);
        var after = acting with { State = RecoveryState.Verifying, VerifyUntil = moment.Now + VerifyWithin };
        return RecoveryStep.Of(
            after, (RecoveryEvents.Succeeded, NoteOf(acting) with { DurationMs = duration.TotalMilliseconds }));
    }

    private static RecoveryStep Start(RecoveryRecord before, RecoveryMoment moment)
    {
        var acting = before with
        {
            State = RecoveryState.Acting,
            Node = moment.Node,
            StartedAt = moment.Now,
            Attempts = [moment.Now],
        };
        return RecoveryStep.Of(acting, (RecoveryEvents.Started, NoteOf(acting))) with { Starts = true };
    }

    private static RecoveryStep End(RecoveryRecord record, string error, TimeSpan? duration = null) => RecoveryStep.Of(
        null,
        (RecoveryEvents.Failed, NoteOf(record) with { Text = error, DurationMs = duration?.TotalMilliseconds }));

    /// <summary>
    /// Ends the request at the time of the check, and not earlier: the subject needs time to fail again.
    /// </summary>
    private static RecoveryStep Verify(
        RecoveryRecord record, IReadOnlyList<RecoveryDiagnosis> faults, bool isComplete, RecoveryMoment moment)
    {
        if (moment.Now < record.VerifyUntil)
            return RecoveryStep.Of(record);
        var note = NoteOf(record) with { DurationMs = (moment.Now - record.StartedAt)?.TotalMilliseconds };
        if (faults.Count == 0 && isComplete)
            return RecoveryStep.Of(null, (RecoveryEvents.Healed, note));
        var text = faults.Count == 0 ? "The health could not be checked." : string.Create(
            CultureInfo.InvariantCulture,
            $"Faults {VerifyWithin.TotalSeconds:0} s after the action: {string.Join(", ", faults.Select(static fault =>
                fault.Symptom).Distinct(StringComparer.Ordinal))}.");
        return RecoveryStep.Of(null, (RecoveryEvents.NotHealed, note with { Text = text }));
    }

    private static RecoveryNote NoteOf(RecoveryRecord record) => RecoveryNote.Of(record) with
    {
        Action = record.Action,
        Node = record.Node,
    };
}
