using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.Faults.Tests;

/// <summary>A node is killed again and again, without warning, under 32 writers and 4 projections, on one file.</summary>
public sealed class KillTests : IDisposable
{
    private const int Writers = 32;
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1";
    private static readonly int Rounds = IsLong ? 500 : 20;
    private static readonly int RoundsPerLook = IsLong ? 25 : 10;

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-kill-").FullName;

    private string StoreFile => Path.Combine(_directory, "ledger.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_and_every_read_model_equals_the_log()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var firstNode = random.Next(1_000_000); // Ids follow from a node's seed, so that each has its own.
        var acknowledged = new List<Acknowledgement>();

        for (var round = 1; round <= Rounds; round++)
        {
            var life = TimeSpan.FromMilliseconds(random.Next(20, 400));
            acknowledged.AddRange(await NodeUnderFire.RunAndKill(StoreFile, Writers, firstNode + round, life));
            if (round % RoundsPerLook == 0)
                await Look(acknowledged, $"round {round} of seed {seed}");
        }

        Assert.True(acknowledged.Count > Rounds * Writers, $"Only {acknowledged.Count} appends were acknowledged: the nodes hardly ran.");
    }

    private async Task Look(List<Acknowledgement> acknowledged, string where)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace.UseSqlite(StoreFile).AddModel<Ledger>());
        using var host = builder.Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();

        var log = new List<RecordedEvent>();
        await foreach (var recorded in store.ReadLog(EventFilter.All))
            log.Add(recorded);
        AssertAcknowledged(acknowledged, log, where);
        AssertWithoutGaps(log, where);
        await AssertSound(host.Services, where);
        await AssertBuilds(host.Services, where);
        await AssertReadModels(host.Services, log, where);

        await host.StopAsync();
    }

    private static void AssertAcknowledged(List<Acknowledgement> acknowledged, List<RecordedEvent> log, string where)
    {
        foreach (var expected in acknowledged)
        {
            Assert.True(expected.Position <= log.Count, $"{expected} was acknowledged, but the log ends at {log.Count} in {where}.");
            var actual = log[(int)expected.Position - 1];
            Assert.Equal(expected, new Acknowledgement(actual.Stream, actual.Version, actual.Position, actual.Id));
        }
        Assert.Equal(log.Count, log.Select(recorded => recorded.Id).Distinct().Count());
    }

    private static void AssertWithoutGaps(List<RecordedEvent> log, string where)
    {
        var versions = new Dictionary<StreamId, long>();
        for (var i = 0; i < log.Count; i++)
        {
            var expected = versions.GetValueOrDefault(log[i].Stream) + 1;
            Assert.True(log[i].Position == i + 1, $"Position {log[i].Position} stands where {i + 1} should, in {where}.");
            var version = $"{log[i].Stream} has version {log[i].Version} where {expected} should be, in {where}.";
            Assert.True(log[i].Version == expected, version);
            versions[log[i].Stream] = expected;
        }
    }

    private static async Task AssertSound(IServiceProvider services, string where)
    {
        var report = await services.GetRequiredService<EventStore>().Verify();
        var problems = report.Checks.SelectMany(check => check.Problems.Select(problem => $"{check.Promise}: {problem}"));
        Assert.True(report.IsSound && report.LostEvents == 0, $"In {where}: {string.Join("; ", problems)}");
    }

    /// <summary>The build that was under way when the node was killed goes on, and takes over with what the log says.</summary>
    private static async Task AssertBuilds(IServiceProvider services, string where)
    {
        var projections = services.GetRequiredService<Projections>();
        var before = (await projections.Catalog()).Single(row => row.Name == "writer-totals");
        var built = await projections.RebuildBeside("writer-totals").WaitAsync(TimeSpan.FromMinutes(3));
        var after = (await projections.Catalog()).Single(row => row.Name == "writer-totals");
        var check = await projections.Check(after.Live, TimeSpan.FromMinutes(3));

        Assert.True(before.Builds > 1, $"Nothing was ever built beside in {where}.");
        Assert.Equal(built, after.Live);
        Assert.True(check.IsSound && check.Compared > 0, $"{after.Live} is not what the log folds to in {where}: {check}");
    }

    private static async Task AssertReadModels(IServiceProvider services, List<RecordedEvent> log, string where)
    {
        var token = await services.GetRequiredService<EventStore>().GetToken();
        var deposits = log.Select(recorded => Assert.IsType<Deposited>(recorded.Data)).ToList();
        await AssertReadModel<string, AccountTotal>(services, deposits, of => of.Account, document => document.Sum, token, where);
        await AssertReadModel<string, AccountCopy>(services, deposits, of => of.Account, document => document.Sum, token, where);
        await AssertReadModel<int, WriterTotal>(services, deposits, deposited => deposited.Writer, document => document.Sum, token, where);
        await AssertReadModel<int, BucketTotal>(services, deposits, deposited => deposited.Bucket, document => document.Sum, token, where);
    }

    private static async Task AssertReadModel<TKey, TDocument>(
        IServiceProvider services,
        List<Deposited> deposits,
        Func<Deposited, TKey> key,
        Func<TDocument, Total> sum,
        ConsistencyToken token,
        string where)
        where TKey : notnull
        where TDocument : class
    {
        var model = services.GetRequiredService<IReadModel<TKey, TDocument>>();
        foreach (var group in deposits.GroupBy(key))
        {
            var expected = group.Aggregate((Total?)null, Total.Add);
            var read = await model.Get(group.Key, new ReadAfter(token, TimeSpan.FromSeconds(60)));
            Assert.True(read.IsFresh, $"{typeof(TDocument).Name} did not reach the log within 60 s, in {where}.");
            Assert.True(
                read.Value is { } document && sum(document) == expected,
                $"{typeof(TDocument).Name} {group.Key} is {read.Value}, not {expected}, in {where}.");
        }
    }
}
