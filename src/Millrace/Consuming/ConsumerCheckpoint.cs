using Millrace.Consuming.Leases;
using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>The stored checkpoint of a consumer under one lease. Each commit moves it
/// together with the effects.</summary>
internal sealed class ConsumerCheckpoint(
    Consumer consumer, ConsumerServices services, ConsumerLease lease, CancellationToken abort)
{
    private static readonly TimeSpan PausedInterval = TimeSpan.FromSeconds(1);

    private readonly IDocumentFollower? _follower = services.CreateFollower?.Invoke(consumer);
    private long? _value = lease.Checkpoint;

    /// <summary>Gets a value indicating whether a checkpoint is stored.</summary>
    public bool IsStored => _value is not null;

    /// <summary>Gets the position of the checkpoint; 0 when none is stored.</summary>
    public long Position => _value ?? 0;

    /// <summary>Gets the time at which the follower has something to do; null if there is nothing.</summary>
    public DateTimeOffset? NextDue => _follower?.NextDue;

    /// <summary>Starts the follower, before the first commit.</summary>
    public ValueTask Start() => _follower?.Start(lease.Epoch, lease.Checkpoint, abort) ?? ValueTask.CompletedTask;

    /// <summary>Ends the follower.</summary>
    public void End() => _follower?.End();

    /// <summary>Commits effects and dead letters, and moves the checkpoint.</summary>
    /// <param name="effects">The effects; null for none.</param>
    /// <param name="position">The new position of the checkpoint.</param>
    /// <param name="deadLetters">The changed dead letters.</param>
    public async ValueTask Commit(
        ConsumerEffects? effects, long position, IReadOnlyList<DeadLetterChange> deadLetters)
    {
        effects ??= new ConsumerEffects([], []);
        IReadOnlyList<DocumentChange> added = _follower is null
            ? []
            : await _follower.Follow(effects.Documents, position, abort).ConfigureAwait(false);
        await CommitWith(added, effects, position, deadLetters).ConfigureAwait(false);
    }

    /// <summary>Does a part of the follower's work that is due. Returns false if there was nothing to commit.</summary>
    public async ValueTask<bool> FollowUp()
    {
        if (_follower?.NextDue is not { } due || due > services.Time.GetUtcNow())
            return false;
        var added = await _follower.Work(Position, abort).ConfigureAwait(false);
        if (added.Count == 0)
            return false;
        await CommitWith(added, new ConsumerEffects([], []), Position, []).ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// Waits while the consumer is paused. The follower continues, because a build of the read model can start
    /// meanwhile.
    /// </summary>
    public async Task FollowWhilePaused(CancellationToken interrupt, CancellationToken stopping)
    {
        var limit = _follower is null ? Timeout.InfiniteTimeSpan : PausedInterval;
        while (!interrupt.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            await FollowUp().ConfigureAwait(false);
            await consumer.Wait(limit, interrupt, stopping).ConfigureAwait(false);
        }
    }

    private async ValueTask CommitWith(
        IReadOnlyList<DocumentChange> added,
        ConsumerEffects effects,
        long position,
        IReadOnlyList<DeadLetterChange> deadLetters)
    {
        var (writes, version) = (added, default(long?));
        while (version is null)
        {
            try
            {
                version = await Write(writes, effects, position, deadLetters).ConfigureAwait(false);
            }
            catch (Exception exception) when (added.Count > 0 && !abort.IsCancellationRequested)
            {
                if (_follower!.Repeat(exception) is not { } others) // Not null, because it has added writes.
                    throw;
                writes = others;
            }
        }
        _follower?.Committed(version.Value);
    }

    /// <summary>Returns the version of the written documents; 0 if it is unknown.</summary>
    private async ValueTask<long> Write(
        IReadOnlyList<DocumentChange> added,
        ConsumerEffects effects,
        long position,
        IReadOnlyList<DeadLetterChange> deadLetters)
    {
        var request = new CommitRequest
        {
            Documents = added.Count == 0 ? effects.Documents : [.. effects.Documents, .. added],
            Statements = effects.Statements,
            DeadLetters = deadLetters,
            Checkpoint = new CheckpointMove(consumer.Name, consumer.Share.Partition, lease.Epoch, _value, position),
        };
        var outcome = await services.Store.TryCommit(request, isBackground: true, abort).ConfigureAwait(false);
        if (outcome.Refusal is { } refusal)
            throw refusal;
        _value = position;
        return outcome.DocumentVersion;
    }
}
