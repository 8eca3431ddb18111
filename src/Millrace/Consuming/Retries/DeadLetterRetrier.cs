using Millrace.Consuming.Partitions;
using Millrace.Storage;

namespace Millrace.Consuming.Retries;

/// <summary>
/// Retries the open dead letters of a consumer when they are due, and carries out decisions about them. Each commit
/// contains a dead letter and the effects of its event.
/// </summary>
internal sealed class DeadLetterRetrier(
    ConsumerProcessor processor,
    ConsumerServices services,
    BlockedKeys blockedKeys,
    FailureRules rules,
    FailureReporter reports,
    CancellationToken abort)
{
    private const int DeadLettersPerPage = 1_000;
    private static readonly TimeSpan MaxSliceTime = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(250);

    private static readonly DeadLetterState[] Closed =
    [
        DeadLetterState.Skipped,
        DeadLetterState.Discarded,
        DeadLetterState.Corrected,
    ];

    /// <summary>Gets the function that writes effects and dead letters, if the node still has the lease.</summary>
    public required Func<ConsumerEffects?, IReadOnlyList<DeadLetterChange>, ValueTask> Commit { get; init; }

    /// <summary>
    /// Gets the keys of the consumer's partition. The retrier retries only the dead letters of this partition, but
    /// applies the final decisions of all partitions.
    /// </summary>
    public PartitionKeys Share { get; init; }

    private IDeadLetterStorage DeadLetterStorage => services.Store.Storage.DeadLetters;

    /// <summary>Loads the stored dead letters.</summary>
    public async ValueTask Load(long checkpoint)
    {
        var openQuery = new DeadLetterQuery
        {
            Consumer = processor.Name,
            States = DeadLetter.OpenStates,
            IsBrief = true,
        };
        var open = await ReadOwn(openQuery).ConfigureAwait(false);
        var closed = new List<DeadLetter>();
        foreach (var consumer in processor.Predecessors.Append(processor.Name)) // The later decision applies.
        {
            var query = new DeadLetterQuery
            {
                Consumer = consumer,
                States = Closed,
                AfterPosition = checkpoint,
                IsBrief = true,
            };
            closed.AddRange(await Read(query).ConfigureAwait(false));
        }
        var resolutions = closed.Count == 0 ? DeadLetterResolutions.None : new DeadLetterResolutions(closed, Share);
        blockedKeys.Load(open, resolutions);
    }

    /// <summary>
    /// Reads the decisions that were made after the last call. If they are about known dead letters, no other data is
    /// read.
    /// </summary>
    public async ValueTask RetryReleased(long checkpoint)
    {
        var query = new DeadLetterQuery
        {
            Consumer = processor.Name,
            States = [DeadLetterState.Released],
            IsBrief = true,
        };
        foreach (var letter in await ReadOwn(query).ConfigureAwait(false))
        {
            if (blockedKeys.Release(letter))
                continue;
            await Load(checkpoint).ConfigureAwait(false);
            return;
        }
    }

    /// <summary>Retries due dead letters, at most for a short time. Returns false if none was due.</summary>
    public async ValueTask<bool> RetryDue(long checkpoint)
    {
        var started = services.Time.GetTimestamp();
        var count = 0;
        while (services.Time.GetElapsedTime(started) < MaxSliceTime
            && blockedKeys.TakeDue(services.Time.GetUtcNow()) is { } entry)
        {
            count++;
            try
            {
                await Try(entry, checkpoint).ConfigureAwait(false);
            }
            catch (DeadLetterConflictException)
            {
                // A user decided before the commit, so the store refused the commit. The dead letter is read again.
                await processor.Start(checkpoint, abort).ConfigureAwait(false);
                await ProcessDecision(entry, checkpoint).ConfigureAwait(false);
            }
            catch
            {
                blockedKeys.Postpone(entry, services.Time.GetUtcNow());
                throw;
            }
        }
        return count > 0;
    }

    private async ValueTask<List<DeadLetter>> ReadOwn(DeadLetterQuery query)
    {
        var letters = await Read(query).ConfigureAwait(false);
        letters.RemoveAll(letter => letter.Partition != Share.Partition);
        return letters;
    }

    private async ValueTask<List<DeadLetter>> Read(DeadLetterQuery query)
    {
        var letters = new List<DeadLetter>();
        IReadOnlyList<DeadLetter> page;
        do
        {
            query = query with { After = letters.Count == 0 ? 0 : letters[^1].Id, Limit = DeadLettersPerPage };
            page = await DeadLetterStorage.List(query, abort).ConfigureAwait(false);
            letters.AddRange(page);
        }
        while (page.Count == DeadLettersPerPage);
        return letters;
    }

    private async ValueTask Try(BlockedEvent entry, long checkpoint)
    {
        var letter = await Find(entry).ConfigureAwait(false);
        if (letter is null || !letter.IsOpen)
        {
            // Another client has closed the dead letter. The uncommitted effects are dropped.
            await processor.Start(checkpoint, abort).ConfigureAwait(false);
            await Load(checkpoint).ConfigureAwait(false);
        }
        else if (letter.State == DeadLetterState.Parked)
        {
            blockedKeys.Changed(entry, DeadLetterState.Parked, null);
        }
        else if (letter is { State: DeadLetterState.Released, Decision: DeadLetterDecision.Skip })
        {
            await Close(entry, [letter with { State = DeadLetterState.Skipped }]).ConfigureAwait(false);
        }
        else if (letter is { State: DeadLetterState.Released, Decision: DeadLetterDecision.Discard })
        {
            await Discard(entry, letter).ConfigureAwait(false);
        }
        else
        {
            await Handle(entry, letter, checkpoint).ConfigureAwait(false);
        }
    }

    private async ValueTask ProcessDecision(BlockedEvent entry, long checkpoint)
    {
        if (await Find(entry).ConfigureAwait(false) is { IsOpen: true } letter)
            blockedKeys.Changed(entry, letter.State, letter.RetryAt);
        else
            await Load(checkpoint).ConfigureAwait(false);
    }

    private async ValueTask<DeadLetter?> Find(BlockedEvent entry)
    {
        return await DeadLetterStorage
            .Find(processor.Name, Share.Partition, entry.Position, entry.BlockedKey.Key, abort)
            .ConfigureAwait(false);
    }

    private async ValueTask Close(BlockedEvent entry, IReadOnlyList<DeadLetter> letters)
    {
        await Commit(null, [.. letters.Select(closed => new DeadLetterChange(closed))]).ConfigureAwait(false);
        blockedKeys.Done(entry);
    }

    /// <summary>Discards an event and all later events of its key or stream.</summary>
    private async ValueTask Discard(BlockedEvent entry, DeadLetter head)
    {
        var query = new DeadLetterQuery
        {
            Consumer = processor.Name,
            States = DeadLetter.OpenStates,
            Key = head.Key,
        };
        var backlog = await ReadOwn(head.Key.Length == 0 ? query with { Stream = head.Stream } : query)
            .ConfigureAwait(false);
        var discarded = backlog.Where(letter => letter.Position >= head.Position)
            .Select(letter => new DeadLetterChange(
                letter with
                {
                    State = DeadLetterState.Discarded,
                    Decision = DeadLetterDecision.Discard,
                    User = head.User,
                    Reason = head.Reason,
                    DecidedAt = head.DecidedAt,
                }
            ));
        await Commit(null, [.. discarded]).ConfigureAwait(false);
        blockedKeys.Discarded(entry.BlockedKey, head.Position);
    }

    private async ValueTask Handle(BlockedEvent entry, DeadLetter letter, long checkpoint)
    {
        var original = await services.Store.Reader.FindAt(letter.Position, abort).ConfigureAwait(false);
        if (original is null)
        {
            var skipped = letter with
            {
                State = DeadLetterState.Skipped,
                Reason = "The event was removed from the log.",
            };
            await Close(entry, [skipped]).ConfigureAwait(false);
            return;
        }
        var recorded = letter.EditedPayload is { } payload ? original.With(payload) : original;
        var keys = letter.Key.Length == 0 || recorded.IsCorrected ? processor.KeysOf(recorded) : [];
        if (MustWaitForOthers(letter, keys))
        {
            blockedKeys.Postpone(entry, services.Time.GetUtcNow() + RetryInterval);
            return;
        }
        try
        {
            var decided =
                letter.Key.Length == 0
                    ? await FindResolutions(letter, keys).ConfigureAwait(false)
                    : DeadLetterResolutions.None;
            if (decided.IsEmpty || keys.Any(key => !decided.IsExcluded(letter.Position, key)))
                await processor.HandleAgain(new RetriedEvent(recorded, original, letter.Key, decided), abort)
                    .ConfigureAwait(false);
            await CommitHandled(letter).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsCausedByEvent(exception))
        {
            await processor.Start(checkpoint, abort).ConfigureAwait(false);
            await Failed(entry, letter, exception).ConfigureAwait(false);
            return;
        }
        processor.Committed();
        reports.Succeeded(letter);
        blockedKeys.Done(entry);
    }

    private async ValueTask CommitHandled(DeadLetter letter)
    {
        var parts = processor.HasEffects ? await processor.Collect().ConfigureAwait(false) : [];
        var change = letter.EditedPayload is null
            ? new DeadLetterChange(letter, IsRemoval: true)
            : new DeadLetterChange(
                letter with { State = DeadLetterState.Corrected, Attempts = letter.Attempts + 1 });
        // One commit of any size writes all effects, because only the dead letter records that the event was handled.
        await Commit(ConsumerEffects.Combine(parts), [change]).ConfigureAwait(false);
    }

    private async ValueTask Failed(BlockedEvent entry, DeadLetter letter, Exception exception)
    {
        var failed = rules.Failed(letter, exception);
        await Commit(null, [new DeadLetterChange(failed)]).ConfigureAwait(false);
        reports.Failed(failed);
        blockedKeys.Changed(entry, failed.State, failed.RetryAt);
    }

    /// <summary>
    /// Returns the final decisions about single keys of an event that is handled for all of its keys.
    /// </summary>
    private async ValueTask<DeadLetterResolutions> FindResolutions(DeadLetter letter, IReadOnlyList<string> keys)
    {
        var decided = new List<DeadLetter>();
        foreach (var consumer in processor.Predecessors.Append(processor.Name))
        {
            foreach (var key in keys)
            {
                if (key.Length > 0
                    && await FindClosed(consumer, letter.Position, key).ConfigureAwait(false) is { } found)
                    decided.Add(found);
            }
        }
        return decided.Count == 0 ? DeadLetterResolutions.None : new DeadLetterResolutions(decided);
    }

    /// <summary>Returns the final decision about an event for a key, from any partition.</summary>
    private async ValueTask<DeadLetter?> FindClosed(string consumer, long position, string key)
    {
        if (await DeadLetterStorage.Find(consumer, Share.Partition, position, key, abort).ConfigureAwait(false) is
            { IsOpen: false } ownDecision)
            return ownDecision;
        var query = new DeadLetterQuery
        {
            Consumer = consumer,
            States = Closed,
            Key = key,
            AfterPosition = position - 1,
            IsBrief = true,
        };
        return (await Read(query).ConfigureAwait(false)).Find(found => found.Position == position);
    }

    /// <summary>
    /// Returns true if the event must wait for earlier events of its other keys. Its keys were unknown before, or a
    /// correction moved the event to another key.
    /// </summary>
    private bool MustWaitForOthers(DeadLetter letter, IReadOnlyList<string> keys)
    {
        foreach (var key in keys)
        {
            if (key != letter.Key && blockedKeys.IsBlockedBefore(key, letter.Position))
                return true;
        }
        return false;
    }

    private bool IsCausedByEvent(Exception exception) =>
        !abort.IsCancellationRequested
        && exception is not (LeaseLostException or DeadLetterConflictException)
        && !(processor.HasEffects && exception is DocumentConflictException)
        && rules.ClassOf(exception) != FailureClass.System;
}
