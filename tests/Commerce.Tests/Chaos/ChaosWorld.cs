using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Commerce.Chaos;
using Servers;

namespace Commerce.Tests.Chaos;

/// <summary>
/// Two nodes of the shop on a database, which publish over two brokers to a listener with a database of its own, and the payment service
/// on a store of its own: all of them programs that die.
/// </summary>
internal sealed class ChaosWorld : IAsyncDisposable
{
    private const string NodeProgram = "Commerce.Chaos.Node.dll";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryDirectory _data = new();
    private readonly PostgreSqlServer _server;
    private readonly RabbitMqServer _rabbitMq;
    private readonly RedisServer _redis;
    private readonly ChaosProgram _listener;
    private readonly ConcurrentQueue<string> _story = [];
    private readonly long _begin = Stopwatch.GetTimestamp();

    private ChaosWorld(PostgreSqlServer server, RabbitMqServer rabbitMq, RedisServer redis, string shop, string listener)
    {
        (_server, _rabbitMq, _redis) = (server, rabbitMq, redis);
        (ConnectionString, ListenerConnectionString) = (server.ConnectionString(shop), server.ConnectionString(listener));
        (Store, ListenerStore) = (Url(shop), Url(listener));
        var (first, second, till, ear) = (Address(), Address(), Address(), Address());
        Shops = [Shop(first, till, 1), Shop(second, till, 2)];
        _listener = new ChaosProgram(
            NodeProgram, LogOf("listener"), ear, Listener.ReadyPath, "listener", rabbitMq.Uri, redis.Address, ListenerStore, $"{ear.Port}");
        CardPayments = new ChaosProgram(
            "CardPayments.dll", LogOf("card-payments"), till, "/mood", "--data", Path.Combine(_data.Path, "till"),
            "--port", $"{till.Port}", "--webhook", new Uri(first, "/api/payments/webhook").ToString(), "--fail", "0.04");
    }

    public IReadOnlyList<ChaosProgram> Shops { get; }

    public ChaosProgram CardPayments { get; }

    public string ConnectionString { get; }

    public string ListenerConnectionString { get; }

    /// <summary>The shop's store, as the tool takes it.</summary>
    public string Store { get; }

    /// <summary>The listener's.</summary>
    public string ListenerStore { get; }

    /// <summary>What the programs have written: their logs, the till's store, the mail.</summary>
    public string DataFolder => _data.Path;

    /// <summary>Where the shop puts its mail.</summary>
    public string MailFolder => Path.Combine(_data.Path, "mail");

    /// <summary>What the database told.</summary>
    public string DatabaseLog => _server.LogPath;

    /// <summary>What happened to whom, and when.</summary>
    public IReadOnlyCollection<string> Story => _story;

    public static async Task<ChaosWorld> Start()
    {
        var (server, rabbitMq, redis) = (PostgreSqlServer.Start(), RabbitMqServer.Start(), RedisServer.Start());
        await Task.WhenAll(server, rabbitMq, redis);
        var world = new ChaosWorld(
            await server, await rabbitMq, await redis, await (await server).CreateDatabase(), await (await server).CreateDatabase());
        await world.CardPayments.Start();
        await world._listener.Start();
        await Eventually.Is(() => world._listener.IsReady(), isReady => isReady, Patience);
        await world._rabbitMq.NoteQueues(); // A queue that is not noted yet does not outlive its broker.
        foreach (var shop in world.Shops)
            await shop.Start();
        return world;
    }

    /// <summary>
    /// Kills one or two of them, and beside that brokers, again and again, and starts them again, until it is enough and each has died;
    /// then all of them run.
    /// </summary>
    public Task Rage(int seed, CancellationToken enough)
    {
        ChaosVictim[] programs =
        [
            new("the database", _server.Crash, _server.Restart), // First: a node that finds none at its start does not wait for it.
            Victim("shop 1", Shops[0]), Victim("shop 2", Shops[1]), Victim("the payment service", CardPayments),
            Victim("the listener", _listener),
        ];
        ChaosVictim[] brokers = [new("RabbitMQ", _rabbitMq.Crash, _rabbitMq.Restart), new("Redis", _redis.Crash, _redis.Restart)];
        return Task.WhenAll(
            Rage(programs, most: 2, new Random(seed), enough), Rage(brokers, most: 1, new Random(seed + 1), enough));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in Shops.Append(CardPayments).Append(_listener))
            await program.DisposeAsync();
        await _server.DisposeAsync();
        await _rabbitMq.DisposeAsync();
        await _redis.DisposeAsync();
        _data.Dispose();
    }

    private async Task Rage(ChaosVictim[] all, int most, Random random, CancellationToken enough)
    {
        var spared = all.ToHashSet();
        while (!enough.IsCancellationRequested || spared.Count > 0)
        {
            await ChaosPause.For(TimeSpan.FromMilliseconds(random.Next(1_500, 5_000)), enough);
            if (enough.IsCancellationRequested && spared.Count == 0)
                return;
            var victims = all.OrderByDescending(spared.Contains).ThenBy(_ => random.Next()).Take(random.Next(1, most + 1))
                .OrderBy(victim => Array.IndexOf(all, victim)).ToList();
            Tell($"{string.Join(" and ", victims.Select(victim => victim.Name))} killed");
            foreach (var victim in victims)
                await victim.Kill();
            await ChaosPause.For(TimeSpan.FromMilliseconds(random.Next(100, 2_500)), CancellationToken.None);
            foreach (var victim in victims)
                await victim.Start();
            Tell($"{string.Join(" and ", victims.Select(victim => victim.Name))} started");
            spared.ExceptWith(victims);
        }
    }

    private void Tell(string what) =>
        _story.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_begin).TotalSeconds,6:F1} s  {what}"));

    private static ChaosVictim Victim(string name, ChaosProgram program) => new(name, program.Kill, program.Start);

    private static Uri Address() => new($"http://127.0.0.1:{PostgreSqlServer.FreePort()}");

    private string Url(string database) => $"postgres://owner@127.0.0.1:{_server.Port}/{database}";

    private string LogOf(string program) => Path.Combine(_data.Path, $"{program}.log");

    private ChaosProgram Shop(Uri address, Uri till, int number) => new(
        NodeProgram, LogOf($"shop-{number}"), address, "/api/products", "shop", _rabbitMq.Uri, _redis.Address, "--no-simulation",
        "--data", _data.Path, "--port", $"{address.Port}", "--payments", till.ToString(), "--postgres", Store);
}
