using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests a node that is killed again and again while it appends to streams in several shards, carries payments from one
/// shard to another and adds a shard.
/// </summary>
public sealed class StreamShardKillTests : IDisposable
{
    private const int Writers = 4;
    private const int MaxAcknowledged = 60; // Of a node before its kill.
    private static readonly int Kills = TestRun.IsLong ? 60 : 3;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4);

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-stream-shard-kill-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public Task A_killed_node_keeps_each_event_in_one_file_and_carries_each_payment_once() => Check(
        [.. Enumerable.Range(1, 3).Select(number => Path.Combine(_directory, $"s{number}.db"))]);

    [PostgreSqlFact]
    public async Task A_killed_node_keeps_each_event_in_one_database_and_carries_each_payment_once()
    {
        await using var server = await PostgreSqlServer.Start();
        await Check(
        [
            await KilledStep.AddressOf(server),
            await KilledStep.AddressOf(server),
            await KilledStep.AddressOf(server),
        ]);
    }

    private static async Task Check(string[] stores)
    {
        var seed = Random.Shared.Next(1_000_000);
        var random = new Random(seed);
        var acknowledged = new List<Acknowledgement>();
        for (var kill = 0; kill < Kills; kill++)
        {
            // The first node creates the map of two shards. The next ones add the third one.
            var known = kill == 0 ? stores[..StreamShardsNode.FirstShards] : stores;
            acknowledged.AddRange(await RunAndKill(known, seed + kill, random.Next(1, MaxAcknowledged)));
        }

        using var host = await Start(stores);
        var shards = host.Services.GetRequiredService<Shards>();
        for (var i = StreamShardsNode.FirstShards; i < stores.Length; i++)
            await shards.Add(new ShardId(StreamShardsNode.NameOf(i)));
        await AppendToAll(host.Services, shards, stores.Length);
        var logs = await Eventually.Get(
            () => ReadLogs(shards, stores.Length),
            static logs => Credited(logs).Count >= Paid(logs).Count,
            WaitTimeout);
        await CheckProcesses(host.Services, Paid(logs).Count);
        logs = await ReadLogs(shards, stores.Length);
        CheckEvents(logs, acknowledged, $"seed {seed}");
        await CheckReadModel(host.Services, Paid(logs), $"seed {seed}");
        for (var i = 0; i < stores.Length; i++)
        {
            var report = await shards.StoreOf(new ShardId(StreamShardsNode.NameOf(i))).Verify();
            Assert.True(report.IsSound && report.LostEvents == 0, $"The shard {i} is damaged, with seed {seed}.");
        }
        await host.StopAsync();
    }

    private static async Task<IReadOnlyCollection<Acknowledgement>> RunAndKill(string[] stores, int seed, int count)
    {
        using var node = await SharingNode.Start(
            stores[0], Writers, seed, (StreamShardsNode.Variable, string.Join(' ', stores)));
        await Eventually.Get(
            () => Task.FromResult(node.Acknowledged.Count),
            acknowledged => node.HasExited ? throw new InvalidOperationException(node.Output) : acknowledged >= count,
            WaitTimeout);
        node.Kill();
        return [.. node.Acknowledged];
    }

    private static async Task<IHost> Start(string[] stores)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => StreamShardsNode.Configure(millrace, stores));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Appends payments until each shard has one of them, so that the added shard is used.</summary>
    private static async Task AppendToAll(IServiceProvider services, Shards shards, int count)
    {
        var store = services.GetRequiredService<EventStore>();
        var used = new HashSet<ShardId>();
        for (var i = 0; used.Count < count; i++)
        {
            var stream = StreamId.For("payer", $"last{i}");
            await store.Append(
                stream, ExpectedVersion.NoStream, [new ShardPaid($"last{i}", $"last{i}", Amount: 1, Bucket: 0)]);
            used.Add(await shards.FindShard(stream));
        }
    }

    private static async Task<List<RecordedEvent>[]> ReadLogs(Shards shards, int count)
    {
        var logs = new List<RecordedEvent>[count];
        for (var i = 0; i < count; i++)
        {
            logs[i] = [];
            var store = shards.StoreOf(new ShardId(StreamShardsNode.NameOf(i)));
            await foreach (var recorded in store.ReadLog(EventFilter.All))
                logs[i].Add(recorded);
        }
        return logs;
    }

    private static async Task CheckProcesses(IServiceProvider services, int count)
    {
        var processes = services.GetRequiredService<Processes>();
        var query = new ProcessQuery { Process = "shard-transfer", State = ProcessState.Completed, Limit = 1_000 };
        await Eventually.Get(
            async () =>
            {
                var completed = 0;
                var page = await processes.List(query);
                for (completed += page.Instances.Count; page.Next is { } next; completed += page.Instances.Count)
                    page = await processes.List(query with { After = next });
                return completed;
            },
            completed => completed == count,
            WaitTimeout);
    }

    private static void CheckEvents(List<RecordedEvent>[] logs, List<Acknowledgement> acknowledged, string where)
    {
        var places = logs
            .SelectMany((log, shard) => log.Select(recorded => (recorded, shard)))
            .Where(static one => one.recorded.Stream.Value[0] != '$')
            .ToList();
        var byId = places.ToLookup(static one => one.recorded.Id);
        foreach (var expected in acknowledged)
        {
            var found = byId[expected.Id].ToList();
            Assert.True(found.Count == 1, $"{expected} is in {found.Count} places, with {where}.");
            var actual = found[0].recorded;
            Assert.Equal(expected, new Acknowledgement(actual.Stream, actual.Version, actual.Position, actual.Id));
        }
        Assert.All(byId, same => Assert.Single(same));
        Assert.All(
            places.GroupBy(static one => one.recorded.Stream),
            stream => Assert.True(
                stream.Select(static one => one.shard).Distinct().Count() == 1,
                $"{stream.Key} is in several shards, with {where}."));
        var credited = Credited(logs).Select(static one => (one.Number, one.Amount)).ToList();
        Assert.Equal(Paid(logs).Select(static one => (one.Number, one.Amount)).Order(), credited.Order());
        var payers = places.Where(static one => one.recorded.Data is ShardPaid)
            .ToDictionary(static one => ((ShardPaid)one.recorded.Data).Number, static one => one.shard);
        Assert.Contains(places, one => one.recorded.Data is ShardCredited paid && payers[paid.Number] != one.shard);
        Assert.All(logs, log => Assert.Contains(log, static recorded => recorded.Data is ShardPaid));
    }

    private static async Task CheckReadModel(IServiceProvider services, List<ShardPaid> paid, string where)
    {
        var token = await services.GetRequiredService<EventStore>().GetToken();
        var buckets = services.GetRequiredService<IReadModel<string, ShardBucket>>();
        foreach (var group in paid.GroupBy(static one => one.Bucket))
        {
            var read = await buckets.Get(ShardPayments.BucketOf(group.Key), new ReadAfter(token, WaitTimeout));
            Assert.True(read.IsFresh, $"The bucket {group.Key} did not reach the end of the logs, with {where}.");
            Assert.Equal(new ShardBucket(group.Sum(static one => (long)one.Amount), group.Count()), read.Value);
        }
    }

    private static List<ShardPaid> Paid(List<RecordedEvent>[] logs) =>
        [.. logs.SelectMany(static log => log).Select(static recorded => recorded.Data).OfType<ShardPaid>()];

    private static List<ShardCredited> Credited(List<RecordedEvent>[] logs) =>
        [.. logs.SelectMany(static log => log).Select(static recorded => recorded.Data).OfType<ShardCredited>()];
}
