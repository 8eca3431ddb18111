namespace Millrace.Consuming;

/// <summary>The consumers of one store, or of all shards of an application, for the services of operators.</summary>
internal sealed class ShardHosts
{
    private readonly Func<IReadOnlyList<(string? Shard, ConsumerHost? Host)>> _list;
    private readonly Func<string, ConsumerHost>? _require;
    private readonly int _firstIndex;

    /// <summary>Creates an instance for one store.</summary>
    /// <param name="host">The consumers of the store.</param>
    /// <param name="shard">The name of the shard; null without shards.</param>
    /// <param name="index">The index of the shard in the map.</param>
    public ShardHosts(ConsumerHost host, string? shard = null, int index = 0)
    {
        (string?, ConsumerHost?)[] all = [(shard, host)];
        _list = () => all;
        _firstIndex = index;
    }

    /// <summary>Creates an instance for several shards.</summary>
    /// <param name="list">Returns all shards in the order of the map; null for a shard that is not available.</param>
    /// <param name="require">Returns the consumers of a shard. Throws if it is not available.</param>
    public ShardHosts(
        Func<IReadOnlyList<(string? Shard, ConsumerHost? Host)>> list, Func<string, ConsumerHost> require) =>
        (_list, _require) = (list, require);

    /// <summary>Gets whether the services include all shards of an application.</summary>
    public bool IsOfAllShards => _require is not null;

    /// <summary>Gets the names of all shards in the order of the map; one null without shards.</summary>
    public IReadOnlyList<string?> Names => [.. _list().Select(static one => one.Shard)];

    /// <summary>Returns the consumers of the shards that are available.</summary>
    public IReadOnlyList<ShardHost> ListAvailable() =>
    [
        .. _list()
            .Select((one, index) => (one.Shard, index, one.Host))
            .Where(static one => one.Host is not null)
            .Select(one => new ShardHost(one.Shard, _firstIndex + one.index, one.Host!)), // Not null after the filter.
    ];

    /// <summary>Returns the consumers of all shards, or of one shard.</summary>
    /// <param name="shard">The name of the shard; null for all.</param>
    /// <exception cref="ShardUnavailableException">One of them is not available.</exception>
    /// <exception cref="ShardNotFoundException">There is no such shard.</exception>
    public IReadOnlyList<ShardHost> RequireAll(string? shard = null)
    {
        ShardHost[] all =
        [
            .. _list()
                .Select((one, index) => (one.Shard, index, one.Host))
                .Where(one => shard is null || one.Shard == shard)
                .Select(one => new ShardHost(one.Shard, _firstIndex + one.index, Require(one.Shard, one.Host))),
        ];
        return all.Length > 0 ? all : throw Unknown(shard!); // Without a name there is at least the home shard.
    }

    /// <summary>Returns the consumers of a shard that may be unknown to this node.</summary>
    /// <exception cref="ShardUnavailableException">The shard is not available.</exception>
    public ConsumerHost Require(string shard) => _require!(shard); // Only shards have names.

    /// <summary>Returns the consumers of the shard with an index; null if there is none.</summary>
    /// <exception cref="ShardUnavailableException">The shard is not available.</exception>
    public ShardHost? FindAt(int index)
    {
        var all = _list();
        if (index < _firstIndex || index >= _firstIndex + all.Count)
            return null;
        var (shard, host) = all[index - _firstIndex];
        return new ShardHost(shard, index, Require(shard, host));
    }

    /// <summary>
    /// Runs an operation in each of the shards, one after the other, and returns the results. If it fails in a shard
    /// after it has succeeded in others, the exception contains both.
    /// </summary>
    /// <exception cref="ShardsPartlyChangedException">The operation took effect only in some shards.</exception>
    public static async Task<List<TResult>> Change<TResult>(
        string operation, IReadOnlyList<ShardHost> shards, Func<ShardHost, ValueTask<TResult>> change)
    {
        var results = new List<TResult>(shards.Count);
        foreach (var shard in shards)
        {
            try
            {
                results.Add(await change(shard).ConfigureAwait(false));
            }
            catch (Exception exception) when (
                exception is MillraceException or TimeoutException && results.Count > 0)
            {
                // There are several shards, which have names.
                var changed = shards.Take(results.Count).Select(static one => one.Shard!);
                throw new ShardsPartlyChangedException(operation, [.. changed], shard.Shard!, exception);
            }
        }
        return results;
    }

    /// <inheritdoc cref="Change{TResult}"/>
    public static async Task Change(
        string operation, IReadOnlyList<ShardHost> shards, Func<ShardHost, ValueTask> change) =>
        await Change(
            operation,
            shards,
            async shard =>
            {
                await change(shard).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);

    private ConsumerHost Require(string? shard, ConsumerHost? host) =>
        host ?? _require!(shard!); // A single store is always available.

    private ShardNotFoundException Unknown(string shard) => new(shard, [.. Names.OfType<string>()]);
}
