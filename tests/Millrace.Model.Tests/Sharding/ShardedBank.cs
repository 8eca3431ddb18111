using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Model.Tests.Sharding;

/// <summary>The stores of a bank whose accounts are in several shards. Several nodes can open them.</summary>
internal sealed class ShardedBank : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("millrace-shards-").FullName;

    /// <summary>Gets whether accounts are placed by the time of their first event.</summary>
    public bool PlacesByTime { get; init; }

    /// <summary>Starts a node that has these shards in its configuration.</summary>
    public Task<BankHost> Start(params string[] names) => Start(TimeSpan.FromMinutes(1), null, names);

    /// <summary>Starts a node that checks the shards at an interval.</summary>
    public Task<BankHost> Start(
        TimeSpan checkEvery, Action<MillraceBuilder>? configure, params string[] names) => BankHost.Start(millrace =>
        {
            configure?.Invoke(millrace);
            millrace.UseShards(shards =>
            {
                foreach (var name in names)
                    shards.Add(name, store => store.UseSqlite(Path.Combine(_folder, name + ".db")));
                (PlacesByTime ? shards.PlaceByTime() : shards.PlaceByStream())
                    .Configure(options => options.CheckEvery = checkEvery);
            });
        });

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

/// <summary>Reads the shards of a running node.</summary>
internal static class ShardedBankExtensions
{
    public static Shards Shards(this BankHost host) => host.Services.GetRequiredService<Shards>();

    public static StreamId StreamOf(Guid account) => StreamId.For("account", account);

    /// <summary>Returns the names of the shards whose logs contain events of an account.</summary>
    public static async Task<string[]> ShardsWith(this BankHost host, Guid account)
    {
        var found = new List<string>();
        foreach (var shard in await host.Shards().List())
        {
            if (shard.State == ShardState.Open
                && await host.Shards().StoreOf(shard.Shard).GetStream(StreamOf(account)) is not null)
                found.Add(shard.Shard.Value);
        }
        return [.. found];
    }

    /// <summary>Opens accounts until each shard that takes new streams has one. Returns one of each shard.</summary>
    public static async Task<Dictionary<string, Guid>> OpenInEach(
        this BankHost host, long balance, params string[] names)
    {
        var accounts = new Dictionary<string, Guid>();
        while (!names.All(accounts.ContainsKey))
        {
            var account = await host.Open(balance);
            accounts.TryAdd((await host.Shards().FindShard(StreamOf(account))).Value, account);
        }
        return accounts;
    }
}
