using Millrace.Storage;

namespace Millrace.DeadLettering;

/// <summary>
/// Releases dead letters step by step, at most at the maximum rate. Stops when too many events fail again.
/// </summary>
internal sealed class DeadLetterReplayer(
    EventStore store,
    DeadLetterQuery query,
    DeadLetterAction action,
    DeadLetterNote note,
    DeadLetterReplayOptions options,
    Func<long, CancellationToken, ValueTask<RecordedEvent?>> readEvent,
    InlineDeadLetterGuard inlineGuard)
{
    private int _released;
    private int _conflicted;
    private int _succeeded;
    private int _failed;
    private TimeSpan _notBefore; // The earliest time of the next step, since the start.

    private IDeadLetterStorage DeadLetterStorage => store.Storage.DeadLetters;

    /// <summary>
    /// Gets the number of dead letters to release in a step. It is at most the number for one second.
    /// </summary>
    private int StepSize => options.MaxPerSecond is { } rate ? (int)Math.Clamp(rate, 1, options.Step) : options.Step;

    public async Task<DeadLetterReplay> Run(CancellationToken cancellationToken)
    {
        var started = store.Time.GetTimestamp();
        var isStopped = false;
        // A dead letter that fails again keeps its id, so each one is processed once.
        var after = query.After;
        while (_released + _conflicted < options.Limit && !isStopped)
        {
            var step = Math.Min(StepSize, options.Limit - _released - _conflicted);
            await ThrottleRate(started, cancellationToken).ConfigureAwait(false);
            var page = await DeadLetterStorage
                .List(query with { After = after, Limit = step }, cancellationToken)
                .ConfigureAwait(false);
            if (page.Count == 0)
                break;
            after = page[^1].Id;
            var released = await Release(page, cancellationToken).ConfigureAwait(false);
            if (options.StopAtErrorShare is { } share)
            {
                await WaitForOutcomes(released, cancellationToken).ConfigureAwait(false);
                isStopped = _failed > share * (_succeeded + _failed);
            }
            if (page.Count < step)
                break; // This was the last page, so no delay is necessary.
        }
        var last = _released + _conflicted > 0 ? after : 0;
        return new DeadLetterReplay(_released, _conflicted, _succeeded, _failed, isStopped) { Last = last };
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
                _conflicted++;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> PayloadOf(DeadLetter letter, CancellationToken cancellationToken)
    {
        if (!action.IsEdit)
            return null;
        var recorded = await readEvent(letter.Position, cancellationToken).ConfigureAwait(false);
        if (recorded is null)
            return null;
        DeadLetterDecider.RequireDecrypted(letter, recorded);
        return action.Apply(letter.EditedPayload ?? recorded.Payload, recorded.ContentType);
    }

    private async ValueTask<bool> TryCommit(List<DeadLetter> letters, CancellationToken cancellationToken)
    {
        var name = action.IsEdit ? "edit" : DeadLetterDecider.NameOf(action.Decision);
        var request = DeadLetterAudit.RequestOf(store, letters, name, note);
        var outcome = await store.TryCommit(request, isBackground: false, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is not null and not DeadLetterConflictException)
            throw outcome.Refusal;
        if (outcome.Refusal is null)
            _released += letters.Count;
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
        var current = await DeadLetterStorage.Get(released.Id, cancellationToken).ConfigureAwait(false);
        if (current is not null and not { State: DeadLetterState.Corrected })
            return current;
        foreach (
            var record in await store.Storage.Leases.Find(released.Consumer, cancellationToken).ConfigureAwait(false))
        {
            if (record.Partition == released.Partition && record.Checkpoint < released.Position)
                return released;
        }
        var newDeadLetter = await DeadLetterStorage
            .Find(released.Consumer, released.Partition, released.Position, released.Key, cancellationToken)
            .ConfigureAwait(false);
        return newDeadLetter is { IsOpen: true } ? newDeadLetter : current;
    }

    /// <summary>Counts the outcome of a dead letter. Returns false if the outcome is not known yet.</summary>
    private bool Count(DeadLetter released, DeadLetter? current)
    {
        if (current is null || !current.IsOpen)
            _succeeded++;
        else if (current.State is DeadLetterState.Parked or DeadLetterState.RetryAt
            && (current.Id != released.Id || current.Revision > released.Revision))
        {
            _failed++;
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
    private async ValueTask ThrottleRate(long started, CancellationToken cancellationToken)
    {
        if (options.MaxPerSecond is not { } rate)
            return;
        var delay = _notBefore - store.Time.GetElapsedTime(started);
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, store.Time, cancellationToken).ConfigureAwait(false);
        _notBefore = store.Time.GetElapsedTime(started) + TimeSpan.FromSeconds(StepSize / rate);
    }
}
