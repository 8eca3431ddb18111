using System.Diagnostics;
using Commerce.Nodes;
using Commerce.Tests.Chaos;
using Commerce.Tests.Retail;
using Servers;

namespace Commerce.Tests.Services;

/// <summary>
/// Tests that one command starts a shop in two services with its own broker, and that Ctrl-C stops all of it.
/// </summary>
public sealed class StartServicesTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4);

    private readonly TemporaryDirectory _data = new();
    private Process? _shop;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_shop is { HasExited: false })
            _shop.Kill();
        await Eventually.Until(() => Programs().Count == 0, WaitTimeout); // Child processes stop with their parent.
    }

    public void Dispose()
    {
        _shop?.Dispose();
        _data.Dispose();
    }

    [RabbitMqFact]
    public Task A_shop_starts_and_stops_with_its_own_RabbitMQ() => StartAndStop("rabbitmq");

    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)] // Its parts are in the tests with RabbitMQ and with PostgreSQL.
    public Task A_shop_starts_and_stops_with_its_own_Redis() => StartAndStop("redis");

    [ChaosFact]
    [Trait(TestRun.Kind, TestRun.Long)] // Two minutes.
    public async Task A_shop_starts_with_a_database_for_each_service_in_its_own_PostgreSQL()
    {
        await StartAndStop("redis", "--postgres");

        Assert.Empty(
            Directory.GetFiles(_data.Path, "orders.db").Concat(Directory.GetFiles(_data.Path, "inventory.db")));
        await using var server = await PrivatePostgreSql.Start(Path.Combine(_data.Path, "postgresql"));
        Assert.Contains("order", await Streams(server, "orders"));
        var inventoryStreams = await Streams(server, "inventory");
        Assert.Contains("allocation", inventoryStreams);
        Assert.DoesNotContain("order", inventoryStreams);
    }

    [Fact]
    public async Task A_shop_with_Kafka_needs_its_address()
    {
        using var shop = ShopProcess.Start("--services", "kafka", "--port", "0", "--data", _data.Path);

        var (code, output, error) = await shop.End();

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("--services kafka localhost:9092", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--services needs one of rabbitmq, kafka, redis", "--services", "pigeons")]
    [InlineData("--services cannot be used with --nodes", "--services", "redis", "--postgres", "--nodes", "2")]
    [InlineData(
        "--services with a database needs --role", "--services", "redis", "--postgres", "postgres://app@host/shop")]
    [InlineData(
        "--role with --postgres needs the database",
        "--services",
        "redis",
        "redis://host",
        "--role",
        "orders",
        "--postgres")]
    [InlineData("--role and --etcd need --services", "--role", "orders")]
    [InlineData("--role needs the address", "--services", "redis", "--role", "orders")]
    public void Conflicting_options_are_refused(string message, params string[] arguments)
    {
        var refused = Assert.Throws<ArgumentException>(() => ShopOptions.Parse(arguments));

        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<string>> Streams(PrivatePostgreSql server, string database)
    {
        var options = new ShopOptions { Data = _data.Path, Keys = await server.Database(database + "_keys") };
        var log = await ChaosLog.Read<Shop>(
            new ChaosStore(database, "", await server.Database(database)) { Shop = options });
        return [.. log.Events.Select(recorded => recorded.Stream.Category).Distinct()];
    }

    private async Task StartAndStop(string broker, params string[] furtherArguments)
    {
        var shop = _shop =
            Process.Start(
                new ProcessStartInfo(
                    "dotnet",
                    [
                        typeof(ShopApplication).Assembly.Location,
                        "--services",
                        broker,
                        "--data",
                        _data.Path,
                        "--port",
                        "0",
                        .. furtherArguments,
                    ]
                )
                {
                    RedirectStandardOutput = true,
                }
            ) ?? throw new InvalidOperationException("dotnet did not start.");
        using var http = new HttpClient();
        var orders = await Address(shop);
        var inventory = await Address(shop);
        using var desk = new OrderClient(() => orders);

        await Eventually.Get( // A delivered order of a simulated customer has used both services.
            () => desk.Get("/api/orders?status=delivered"), found => found["total"]?.GetValue<int>() > 0, WaitTimeout);
        await Eventually.Get( // The inventory service redirects a browser to the page.
            () => http.GetAsync(inventory), answer => answer.RequestMessage?.RequestUri == orders, WaitTimeout);
        Assert.True(Programs().Count >= 4); // The programs are the two services, the broker and the payment service.

        using var kill = Process.Start("kill", ["-INT", $"{shop.Id}"]);
        await shop.WaitForExitAsync().WaitAsync(WaitTimeout);

        Assert.Equal(0, shop.ExitCode);
        await Eventually.Until(() => Programs().Count == 0, WaitTimeout);
    }

    private static async Task<Uri> Address(Process shop) =>
        // If the program fails, standard error contains the reason.
        new((await shop.StandardOutput.ReadLineAsync().WaitAsync(WaitTimeout))!.Split(' ')[^1]);

    /// <summary>Returns the programs whose command line or environment contains the directory.</summary>
    private List<string> Programs() =>
    [
        .. Directory.GetDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _))
            .Where(folder => Mentions(folder, "cmdline") || Mentions(folder, "environ")),
    ];

    private bool Mentions(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file)).Contains(_data.Path, StringComparison.Ordinal);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false; // The process has just exited, or belongs to another user.
        }
    }
}
