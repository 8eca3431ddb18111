using Millrace.Storage;

namespace Millrace.DeadLettering;

/// <summary>Reads the dead letters of a shard, with ids that are unique in all shards.</summary>
/// <param name="stored">The dead letters of the store.</param>
/// <param name="shard">The name of the shard.</param>
/// <param name="index">The index of the shard in the map.</param>
internal sealed class ShardDeadLetters(IDeadLetterStorage stored, string shard, int index) : IDeadLetterStorage
{
    private readonly long _first = DeadLetterId.FirstOf(index);

    public async ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken) =>
        InShardIfFound(await stored.Get(id - _first, cancellationToken).ConfigureAwait(false));

    public async ValueTask<DeadLetter?> Find(
        string consumer, int partition, long position, string key, CancellationToken cancellationToken) =>
        InShardIfFound(await stored.Find(consumer, partition, position, key, cancellationToken).ConfigureAwait(false));

    public async ValueTask<IReadOnlyList<DeadLetter>> List(
        DeadLetterQuery query, CancellationToken cancellationToken)
    {
        var page = await stored.List(Stored(query), cancellationToken).ConfigureAwait(false);
        return [.. page.Select(InShard)];
    }

    public ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken) =>
        stored.Count(Stored(query), cancellationToken);

    public async ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer, int limit, CancellationToken cancellationToken)
    {
        var groups = await stored.ListGroups(consumer, limit, cancellationToken).ConfigureAwait(false);
        return [.. groups.Select(group => group with { Sample = InShard(group.Sample) })];
    }

    private DeadLetterQuery Stored(DeadLetterQuery query) =>
        query with { After = Math.Clamp(query.After - _first, 0, DeadLetterId.PerShard) };

    private DeadLetter? InShardIfFound(DeadLetter? letter) => letter is null ? null : InShard(letter);

    private DeadLetter InShard(DeadLetter letter) => DeadLetterId.InShard(letter, shard, index);
}
