using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>Tests repeated crashes of a node with 32 writers and 4 projections on one SQLite file.</summary>
public sealed class KillTests : IDisposable
{
    private const int Writers = 32;
    private static readonly int Rounds = TestRun.IsLong ? 500 : 20;
    private static readonly int MaxRounds = Rounds * 10;
    private static readonly int RoundsPerCheck = TestRun.IsLong ? 25 : 10;

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-kill-").FullName;

    private long _builtByNodes; // The parallel builds before the last check.
    private long _builtByChecks;

    private string StoreFile => Path.Combine(_directory, "ledger.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_killed_node_loses_or_duplicates_no_acknowledged_event_and_every_read_model_matches_the_log()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var firstNode = random.Next(1_000_000); // A node derives the ids from its seed, so each node has different ids.
        var acknowledged = new List<Acknowledgement>();

        // If the nodes write few events before the kill, the test runs more rounds.
        for (var round = 1; round <= Rounds || (acknowledged.Count <= Rounds * Writers && round <= MaxRounds); round++)
        {
            var life = TimeSpan.FromMilliseconds(random.Next(20, 400));
            acknowledged.AddRange(await KilledNode.RunAndKill(StoreFile, Writers, firstNode + round, life));
            if (round % RoundsPerCheck == 0 && round < Rounds)
                await CheckReadModels(acknowledged, $"round {round} of seed {seed}");
        }
        await CheckReadModels(acknowledged, $"the end of seed {seed}");

        Assert.True(_builtByNodes > 0, "The nodes completed no parallel build.");
        Assert.True(
            acknowledged.Count > Rounds * Writers,
            $"Only {acknowledged.Count} appends were acknowledged: the nodes hardly ran.");
    }

    private async Task CheckReadModels(List<Acknowledgement> acknowledged, string where)
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
        LedgerChecks.AssertAcknowledged(acknowledged, log, where);
        LedgerChecks.AssertWithoutGaps(log, where);
        await LedgerChecks.AssertSound(host.Services, where);
        await AssertBuilds(host.Services, where);
        await LedgerChecks.AssertReadModels(host.Services, log, where);

        await host.StopAsync();
    }

    /// <summary>
    /// Checks that the rebuild of the killed node continues, and that its documents match the log after the switch.
    /// </summary>
    private async Task AssertBuilds(IServiceProvider services, string where)
    {
        var projections = services.GetRequiredService<Projections>();
        var before = (await projections.Catalog()).Single(row => row.Name == "writer-totals");
        var built = await projections.RebuildBeside("writer-totals").WaitAsync(TimeSpan.FromMinutes(3));
        var after = (await projections.Catalog()).Single(row => row.Name == "writer-totals");
        var check = await projections.Check(after.Live, TimeSpan.FromMinutes(3));
        // The host completes a removal that the crash interrupted, after the lease has expired.
        var collections = await Eventually.Get(
            async () => (await projections.List()).Select(collection => collection.Collection)
                .Where(collection => collection.StartsWith("writer-totals@", StringComparison.Ordinal)).ToList(),
            static all => all.Count == 2);

        _builtByNodes = before.Builds - 1 - _builtByChecks;
        _builtByChecks += after.Builds - before.Builds;
        Assert.Equal(built, after.Live);
        Assert.Equal(new[] { after.Live, after.Kept }.Order(), collections.Order());
        Assert.True(
            check.IsSound && check.Compared > 0, $"{after.Live} does not match the log in {where}: {check}");
    }
}
