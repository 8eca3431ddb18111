using System.Diagnostics;
using Npgsql;
using Xunit.Abstractions;

namespace Millrace.Tests;

/// <summary>Many tenants with a database each, and few connections for all of them.</summary>
public sealed class ManyTenantsTests(ITestOutputHelper output)
{
    private const int Connections = 18;

    // What a connection is closed for is opened while the server still ends it: for a moment it sees both.
    private const int MostSeen = 20;

    private const int Open = 40;
    private const int Rounds = 2;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1";
    private static readonly int Tenants = IsLong ? 500 : 30;

    [PostgreSqlFact]
    public async Task Each_has_its_events_and_read_models_and_all_together_no_more_connections_than_given()
    {
        await using var server = await PostgreSqlServer.Start();
        using var place = TenantPlace.On(server, Connections);
        await using var app = await TenantApp.Start(place, options => options.MaxOpen = Open, Unhurried);
        using var ending = new CancellationTokenSource();
        var watching = Watch(server, ending.Token);
        var started = Stopwatch.GetTimestamp();

        await Each(tenant => app.Tenants.Create(new TenantId(tenant)).AsTask());
        output.WriteLine($"{Tenants} databases made in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
        for (var round = 1; round <= Rounds; round++)
        {
            var begun = Stopwatch.GetTimestamp();
            await Each(tenant => Use(app, tenant, round));
            output.WriteLine($"round {round}: {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
            Assert.InRange(app.Tenants.OpenCount, 1, Open);
        }
        await Each(tenant => Look(app, tenant));
        await ending.CancelAsync();
        var most = await watching;

        output.WriteLine($"{most} connections at the most, all in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
        Assert.InRange(most, 2, MostSeen);
        Assert.Equal(Names(), (await app.Tenants.List()).Select(tenant => tenant.Value));
    }

    /// <summary>As often as an application looks: other tests look so often that it would be all that connections are used for.</summary>
    private static void Unhurried(MillraceBuilder millrace) => millrace.ConfigureConsumers(
        options => (options.LookEvery, options.CheckpointEvery) = (new ConsumerOptions().LookEvery, new ConsumerOptions().CheckpointEvery));

    private static string[] Names() => [.. Enumerable.Range(0, Tenants).Select(number => $"t{number:000}")];

    private static Task Each(Func<string, Task> work) => Parallel.ForEachAsync(
        Names(), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (tenant, _) => await work(tenant));

    private static async Task Use(TenantApp app, string tenant, int round)
    {
        await using var scope = await app.Enter(tenant);
        var number = int.Parse(tenant[1..]) + 1;
        for (var i = 0; i < 3; i++)
            await scope.Store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", number)]);
        var cargo = await scope.ReadModel<string, Cargo>().Get("ada", await scope.Store.GetToken());
        Assert.Equal((3 * round * number, true), (cargo.Value!.Crates, cargo.IsFresh));
    }

    private static async Task Look(TenantApp app, string tenant)
    {
        await using var scope = await app.Enter(tenant);
        var number = int.Parse(tenant[1..]) + 1;
        var events = await scope.Store.ReadLog(EventFilter.All).ToListAsync();
        var page = await scope.ReadModel<string, Cargo>().Query(new ReadQuery(), await scope.Store.GetToken());
        Assert.Equal(Enumerable.Range(1, 3 * Rounds).Select(position => (long)position), events.Select(recorded => recorded.Position));
        Assert.All(events, recorded => Assert.Equal(new Loaded("ada", number), recorded.Data));
        Assert.Equal(3 * Rounds * number, Assert.Single(page.Items).Crates);
    }

    /// <summary>Asks the server again and again how many connections it has, and returns the most there were.</summary>
    private static async Task<long> Watch(PostgreSqlServer server, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString() + ";Pooling=false");
        await connection.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'millrace' AND backend_type = 'client backend'", connection);
        var most = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            most = Math.Max(most, (long)(await command.ExecuteScalarAsync(CancellationToken.None))!);
            await Task.Yield();
        }
        return most;
    }
}
