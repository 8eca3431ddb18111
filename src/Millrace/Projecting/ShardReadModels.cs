using System.Collections.Concurrent;
using Millrace.Consuming;
using Millrace.Streams;

namespace Millrace.Projecting;

/// <summary>The read models of all shards for one projection.</summary>
/// <param name="definition">The projection.</param>
/// <param name="shards">The shards.</param>
internal sealed class ShardReadModels<TKey, TDocument>(
    ProjectionDefinition<TKey, TDocument> definition, IReadModelShards shards)
    where TKey : notnull
    where TDocument : class
{
    private readonly ConcurrentDictionary<string, (ConsumerHost Host, IReadModel<TKey, TDocument> Model)> _models =
        new(StringComparer.Ordinal);

    /// <summary>Gets the number of shards.</summary>
    public int Count => shards.All.Count;

    /// <summary>Calls an operation for the read model of each shard, with the requirement for this shard.</summary>
    /// <exception cref="ShardUnavailableException">The token has a position of a shard that this node does not
    /// know.</exception>
    public async Task<TResult[]> FromAll<TResult>(
        Func<IReadModel<TKey, TDocument>, ReadAfter, ValueTask<TResult>> read,
        ReadAfter after,
        CancellationToken cancellationToken)
    {
        await EnsureKnown(after.Token, cancellationToken).ConfigureAwait(false);
        return await Task.WhenAll(shards.All.Select(shard => read(ModelOf(shard), AfterIn(shard, after)).AsTask()))
            .ConfigureAwait(false);
    }

    /// <summary>Calls an operation for the read model of one shard, with the requirement for this shard.</summary>
    public ValueTask<TResult> From<TResult>(
        string shard, Func<IReadModel<TKey, TDocument>, ReadAfter, ValueTask<TResult>> read, ReadAfter after) =>
        read(ModelOf(shard), AfterIn(shard, after));

    /// <summary>
    /// Returns the token of the positions that results of all shards reflect; none if one is unknown.
    /// </summary>
    public ConsistencyToken Combine(IReadOnlyList<ConsistencyToken> reflected) =>
        reflected.Any(static token => token.IsNone)
            ? default
            : ConsistencyToken.InShards(reflected.Select((token, index) =>
                new ShardPosition(shards.All[index], token.LogEpoch, token.Position)));

    /// <summary>Returns the token of the position that a result of one shard reflects.</summary>
    public static ConsistencyToken InShard(string shard, ConsistencyToken reflected) =>
        reflected.IsNone ? default : ConsistencyToken.InShard(shard, reflected.LogEpoch, reflected.Position);

    /// <summary>Loads the map if a token has a position of a shard that another node has added.</summary>
    private async ValueTask EnsureKnown(ConsistencyToken token, CancellationToken cancellationToken)
    {
        if (FindUnknown(token) is null)
            return;
        await shards.Reload(cancellationToken).ConfigureAwait(false);
        if (FindUnknown(token) is { } unknown)
            shards.HostOf(unknown); // Throws, unless it was added at this moment.
    }

    private string? FindUnknown(ConsistencyToken token)
    {
        var all = shards.All;
        return token.Shards?.All.Select(static one => one.Shard)
            .FirstOrDefault(name => name.Length > 0 && !all.Contains(name));
    }

    private ReadAfter AfterIn(string shard, ReadAfter after)
    {
        var part = after.Token.For(shard, isHome: shard == shards.All[0]);
        return after with { Token = part, IsForOtherShards = part.IsNone && !after.Token.IsNone };
    }

    private IReadModel<TKey, TDocument> ModelOf(string shard)
    {
        var host = shards.HostOf(shard);
        if (_models.TryGetValue(shard, out var known) && ReferenceEquals(known.Host, host))
            return known.Model;
        var model = definition.CreateReadModel(host);
        _models[shard] = (host, model);
        return model;
    }
}
