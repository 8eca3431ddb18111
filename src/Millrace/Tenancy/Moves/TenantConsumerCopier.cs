using Millrace.Sharding;
using Millrace.Storage;

namespace Millrace.Tenancy.Moves;

/// <summary>
/// Copies the consumers of a tenant with their checkpoints and dead letters, and the records of its read models, to
/// another shard where no node uses the tenant yet. Leases are not copied.
/// </summary>
internal sealed class TenantConsumerCopier(
    TenantId tenant,
    TenantPart source,
    TenantPart target,
    ArrivalWriter writer,
    PositionMap positions,
    TenantMoveRecord move)
{
    private const int PageDeadLetters = 200;

    private static readonly TimeSpan LeaseDuration = TimeSpan.FromMinutes(1);

    /// <summary>Gets what throws an exception if another call or node has taken over the move.</summary>
    public required Func<CancellationToken, ValueTask> ThrowIfTakenOver { get; init; }

    public async Task Copy(CancellationToken cancellationToken)
    {
        // After a switch by another call, nodes hold these leases.
        await new TenantConsumerStop(tenant, target)
            .Take(move, LeaseDuration, ThrowIfTakenOver, cancellationToken)
            .ConfigureAwait(false);
        var consumers = await List(source, cancellationToken).ConfigureAwait(false);
        foreach (var partitions in consumers.GroupBy(static record => record.Consumer, StringComparer.Ordinal))
        {
            await ThrowIfTakenOver(cancellationToken).ConfigureAwait(false); // Leases are changed without a condition.
            await CopyConsumer(ToTarget(partitions.Key), [.. partitions], cancellationToken).ConfigureAwait(false);
        }
        await ThrowIfDifferent(consumers, cancellationToken).ConfigureAwait(false);
        await RemoveDeadLetters(cancellationToken).ConfigureAwait(false);
        foreach (var consumer in consumers.Select(static record => record.Consumer).Distinct(StringComparer.Ordinal))
            await CopyDeadLetters(consumer, cancellationToken).ConfigureAwait(false);
        await ThrowIfTakenOver(cancellationToken).ConfigureAwait(false);
        await CopyReadModels(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the partitions of the tenant's consumers.</summary>
    public static async ValueTask<IReadOnlyList<ConsumerRecord>> List(
        TenantPart part, CancellationToken cancellationToken)
    {
        var all = await part.Storage.Leases.List(cancellationToken).ConfigureAwait(false);
        return [.. all.Where(record => part.Names.IsOwn(record.Consumer))];
    }

    private string ToTarget(string stored) => target.Names.ToStored(source.Names.ToTenant(stored));

    private async ValueTask CopyConsumer(
        string consumer, IReadOnlyList<ConsumerRecord> partitions, CancellationToken cancellationToken)
    {
        var leases = target.Storage.Leases;
        var holder = TenantConsumerStop.HolderOf(move);
        var copies = await leases.Find(consumer, cancellationToken).ConfigureAwait(false);
        if (partitions.Count != Math.Max(copies.Count, 1))
            await leases.Divide(consumer, partitions.Count, cancellationToken).ConfigureAwait(false);
        foreach (var partition in partitions)
        {
            var now = target.Store.Time.GetUtcNow();
            var record = await leases
                .Acquire(consumer, partition.Partition, holder, LeaseDuration, now, cancellationToken)
                .ConfigureAwait(false);
            if (record.Holder != holder)
                throw TenantMoveHome.TakenOver(tenant);
            if (partition.Checkpoint is { } checkpoint
                && positions.Translate(checkpoint) is var translated
                && record.Checkpoint != translated)
            {
                var step = new CheckpointMove(
                    consumer, partition.Partition, record.LeaseEpoch, record.Checkpoint, translated);
                await writer.Write(new CommitRequest { Checkpoint = step }, cancellationToken).ConfigureAwait(false);
            }
            await leases.Release(consumer, partition.Partition, record.LeaseEpoch, cancellationToken)
                .ConfigureAwait(false);
        }
        await leases.SetPaused(consumer, partitions.Any(static record => record.IsPaused), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Removes the dead letters of an interrupted copy.</summary>
    private async ValueTask RemoveDeadLetters(CancellationToken cancellationToken)
    {
        foreach (var record in await List(target, cancellationToken).ConfigureAwait(false))
        {
            while (true)
            {
                var query = new DeadLetterQuery { Consumer = record.Consumer, Limit = PageDeadLetters };
                var page = await target.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
                if (page.Count == 0)
                    break;
                var removals = page.Select(static one => new DeadLetterChange(one, IsRemoval: true)).ToArray();
                await Write(removals, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask CopyDeadLetters(string consumer, CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery { Consumer = consumer, Limit = PageDeadLetters };
        while (true)
        {
            var page = await source.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
            var copies = page.Select(ToCopy).OfType<DeadLetterChange>().ToArray();
            if (copies.Length > 0)
                await Write(copies, cancellationToken).ConfigureAwait(false);
            if (page.Count < PageDeadLetters)
                return;
            query = query with { After = page[^1].Id };
        }
    }

    /// <summary>
    /// Returns the copy of a dead letter; null if the log does not contain its event any more, so that it can only be
    /// skipped.
    /// </summary>
    private DeadLetterChange? ToCopy(DeadLetter letter) => positions.Find(letter.Position) is { } position
        ? new DeadLetterChange(letter with
        {
            Id = 0,
            Revision = 0,
            Consumer = ToTarget(letter.Consumer),
            Stream = new StreamId(ToTarget(letter.Stream.Value)),
            Position = position,
        })
        : null;

    /// <exception cref="TenantMoveException">The consumers of the target differ from those of the source.</exception>
    private async ValueTask ThrowIfDifferent(
        IReadOnlyList<ConsumerRecord> consumers, CancellationToken cancellationToken)
    {
        var expected = consumers
            .Select(one => (
                ToTarget(one.Consumer),
                one.Partition,
                one.Checkpoint is { } checkpoint ? positions.Translate(checkpoint) : (long?)null,
                one.IsPaused))
            .ToHashSet();
        foreach (var copy in await List(target, cancellationToken).ConfigureAwait(false))
        {
            if (!expected.Remove((copy.Consumer, copy.Partition, copy.Checkpoint, copy.IsPaused)))
                throw Differs(copy.Consumer);
        }
        if (expected.Count > 0)
            throw Differs(expected.First().Item1);
    }

    private TenantMoveException Differs(string consumer) => new(
        tenant.Value,
        $"the copy of the consumer '{target.Names.ToTenant(consumer)}' is not equal to it. Cancel the move, and move "
            + "the tenant again.");

    private Task Write(DeadLetterChange[] changes, CancellationToken cancellationToken) => writer.Write(
        new CommitRequest { DeadLetters = changes, IsAsStored = true }, cancellationToken);

    private async ValueTask CopyReadModels(CancellationToken cancellationToken)
    {
        var copies = await target.Storage.Documents.ListReadModels(cancellationToken).ConfigureAwait(false);
        foreach (var record in await source.Storage.Documents.ListReadModels(cancellationToken).ConfigureAwait(false))
        {
            if (!source.Names.IsOwn(record.Name))
                continue;
            var moved = target.Names.ToStored(source.Names.ToTenant(record));
            var copy = copies.FirstOrDefault(one => one.Name == moved.Name);
            await target.Storage.Documents
                .PutReadModel(moved with { Revision = copy?.Revision ?? 0 }, reached: null, cancellationToken)
                .ConfigureAwait(false);
        }
    }
}
