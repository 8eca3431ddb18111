using Millrace.Storage;

namespace Millrace.DeadLettering;

/// <summary>
/// Releases dead letters step by step, at most at the maximum rate. Stops when too many events fail again.
/// </summary>
internal sealed class DeadLetterReplayer(
    EventStore store,
    IDeadLetterStorage letters,
    DeadLetterQuery query,
    DeadLetterAction action,
    DeadLetterNote note,
    DeadLetterReplayOptions options,
    InlineDeadLetterGuard inlineGuard,
    DeadLetterReplayProgress progress)
{
    /// <summary>
    /// Gets the number of dead letters to release in a step. It is at most the number for one second.
    /// </summary>
    private int StepSize => options.MaxPerSecond is { } rate ? (int)Math.Clamp(rate, 1, options.Step) : options.Step;

    public async Task Run(CancellationToken cancellationToken)
    {
        // A dead letter that fails again keeps its id, so each one is processed once.
        var after = query.After;
        while (progress.Processed < options.Limit && !progress.IsStopped)
        {
            var step = Math.Min(StepSize, options.Limit - progress.Processed);
            await ThrottleRate(cancellationToken).ConfigureAwait(false);
            var page = await letters
                .List(query with { After = after, Limit = step }, cancellationToken)
                .ConfigureAwait(false);
            if (page.Count == 0)
                break;
            after = page[^1].Id;
            var released = await Release(page, cancellationToken).ConfigureAwait(false);
            progress.Last = after;
            if (options.StopAtErrorShare is { } share)
            {
                await WaitForOutcomes(released, cancellationToken).ConfigureAwait(false);
                progress.IsStopped = progress.Failed > share * (progress.Succeeded + progress.Failed);
            }
            if (page.Count < step)
                break; // This was the last page, so no delay is necessary.
        }
    }

    private async ValueTask<List<DeadLetter>> Release(
        IReadOnlyList<DeadLetter> page, CancellationToken cancellationToken)
    {
        var decided = new List<DeadLetter>(page.Count);
        foreach (var letter in page)
        {
            await inlineGuard
                .ThrowIfRefused(letter, action.Decision, action.IsEdit, cancellationToken)
                .ConfigureAwait(false);
            var payload = await PayloadOf(letter, cancellationToken).ConfigureAwait(false);
            decided.Add(DeadLetterDecider.Decided(letter, action.Decision, payload, note, store.Time.GetUtcNow()));
        }
        var released = new List<DeadLetter>(decided.Count);
        foreach (var part in DeadLetterAudit.Parts(decided, note, store.Options.Limits.MaxPayloadBytes))
            await Commit(part, released, cancellationToken).ConfigureAwait(false);
        return released;
    }

    private async ValueTask Commit(
        List<DeadLetter> part, List<DeadLetter> released, CancellationToken cancellationToken)
    {
        if (await TryCommit(part, cancellationToken).ConfigureAwait(false))
        {
            released.AddRange(part);
            return;
        }
        // Another client changed a dead letter. Commits the others one by one.
        foreach (var letter in part)
        {
            if (await TryCommit([letter], cancellationToken).ConfigureAwait(false))
                released.Add(letter);
            else
                progress.Conflicted++;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> PayloadOf(DeadLetter letter, CancellationToken cancellationToken)
    {
        if (!action.IsEdit)
            return null;
        var recorded = await store.Reader.FindAt(letter.Position, cancellationToken).ConfigureAwait(false);
        if (recorded is null)
            return null;
        DeadLetterDecider.RequireDecrypted(letter, recorded);
        return action.Apply(letter.EditedPayload ?? recorded.Payload, recorded.ContentType);
    }

    private async ValueTask<bool> TryCommit(List<DeadLetter> changed, CancellationToken cancellationToken)
    {
        var name = action.IsEdit ? "edit" : DeadLetterDecider.NameOf(action.Decision);
        var request = DeadLetterAudit.RequestOf(store, changed, name, note);
        var outcome = await store.TryCommit(request, isBackground: false, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is not null and not DeadLetterConflictException)
            throw outcome.Refusal;
        if (outcome.Refusal is null)
            progress.Released += changed.Count;
        return outcome.Refusal is null;
    }

    private async ValueTask WaitForOutcomes(List<DeadLetter> released, CancellationToken cancellationToken)
    {
        var started = store.Time.GetTimestamp();
        foreach (var letter in released)
        {
            if (letter.State == DeadLetterState.Waiting)
                continue; // An edited dead letter that waits is retried after the events before it.
            while (!Count(letter, await FindOutcome(letter, cancellationToken).ConfigureAwait(false)))
            {
                if (store.Time.GetElapsedTime(started) > options.OutcomeTimeout)
                {
                    throw new TimeoutException(
                        $"Dead letter {letter.Id} had no outcome within {options.OutcomeTimeout}. Check that a "
                            + $"node runs '{letter.Consumer}'."
                    );
                }
                await Task.Delay(DeadLetters.PollInterval, store.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Returns the current state of a dead letter, or null if its event has succeeded. After a reset, the consumer
    /// handles the event again. Before that, the method returns the released dead letter. If the event fails again, the
    /// method returns the new dead letter.
    /// </summary>
    private async ValueTask<DeadLetter?> FindOutcome(DeadLetter released, CancellationToken cancellationToken)
    {
        var current = await letters.Get(released.Id, cancellationToken).ConfigureAwait(false);
        if (current is not null and not { State: DeadLetterState.Corrected })
            return current;
        foreach (
            var record in await store.Storage.Leases.Find(released.Consumer, cancellationToken).ConfigureAwait(false))
        {
            if (record.Partition == released.Partition && record.Checkpoint < released.Position)
                return released;
        }
        var newDeadLetter = await letters
            .Find(released.Consumer, released.Partition, released.Position, released.Key, cancellationToken)
            .ConfigureAwait(false);
        return newDeadLetter is { IsOpen: true } ? newDeadLetter : current;
    }

    /// <summary>Counts the outcome of a dead letter. Returns false if the outcome is not known yet.</summary>
    private bool Count(DeadLetter released, DeadLetter? current)
    {
        if (current is null || !current.IsOpen)
            progress.Succeeded++;
        else if (current.State is DeadLetterState.Parked or DeadLetterState.RetryAt
            && (current.Id != released.Id || current.Revision > released.Revision))
        {
            progress.Failed++;
        }
        else
        {
            return false;
        }
        return true;
    }

    /// <summary>
    /// Waits until a step is due, and sets the time of the next step. A late step does not make the next steps faster.
    /// </summary>
    private async ValueTask ThrottleRate(CancellationToken cancellationToken)
    {
        if (options.MaxPerSecond is not { } rate)
            return;
        var delay = progress.NotBefore - store.Time.GetElapsedTime(progress.Started);
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, store.Time, cancellationToken).ConfigureAwait(false);
        progress.NotBefore = store.Time.GetElapsedTime(progress.Started) + TimeSpan.FromSeconds(StepSize / rate);
    }
}
