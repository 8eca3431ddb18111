using System.Diagnostics;
using Commerce.Nodes;
using Commerce.Services.Brokers;

namespace Commerce.Services;

/// <summary>
/// The other programs of a shop in two services. They are the inventory service and, if no broker is specified, a
/// broker. All of them stop with this program.
/// </summary>
internal sealed class ShopServices : IAsyncDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private IAsyncDisposable? _broker;
    private Process? _inventory;
    private volatile bool _areExitsExpected;

    private readonly string? _inventoryDatabase;
    private readonly string? _inventoryKeys;

    private ShopServices(ShopOptions options, string? inventoryDatabase, string? inventoryKeys) =>
        (Options, _inventoryDatabase, _inventoryKeys) = (options, inventoryDatabase, inventoryKeys);

    /// <summary>The options of this program, which becomes the order service.</summary>
    public ShopOptions Options { get; private set; }

    /// <summary>The address of the inventory service; null when this program has not started one.</summary>
    public string? Inventory { get; private set; }

    /// <summary>
    /// Starts the required programs. Starts none for a whole shop in one program or for a single service.
    /// </summary>
    /// <param name="options">The options of this program.</param>
    /// <param name="inventoryDatabase">The database of the inventory service; null when it uses a file.</param>
    /// <param name="inventoryKeys">The database of its keys; null when it uses a file.</param>
    /// <exception cref="IOException">A program is not installed, or does not start.</exception>
    public static async Task<ShopServices> Start(
        ShopOptions options, string? inventoryDatabase = null, string? inventoryKeys = null)
    {
        var services = new ShopServices(options, inventoryDatabase, inventoryKeys);
        if (options is not { Broker: { } broker, Role: ShopRole.Whole })
            return services;
        try
        {
            services.Options = options with { Role = ShopRole.Orders, BrokerAddress = await services.Find(broker) };
            services.Inventory = await services.StartInventory();
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops reporting the end of programs, because Ctrl-C also stops the other service.</summary>
    public void ExpectExits() => _areExitsExpected = true;

    public async ValueTask DisposeAsync()
    {
        ExpectExits();
        if (_inventory is { } inventory)
        {
            inventory.StandardInput.Close();
            using var timeout = new CancellationTokenSource(WaitTimeout);
            await inventory.WaitForExitAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!inventory.HasExited)
                inventory.Kill();
            inventory.Dispose();
        }
        if (_broker is not null)
            await _broker.DisposeAsync();
    }

    private async Task<string> Find(ShopBroker broker)
    {
        if (Options.BrokerAddress is { } named)
            return named;
        (_broker, var address) = broker switch
        {
            ShopBroker.RabbitMq => await PrivateRabbitMq.Start(Options.Data),
            ShopBroker.Redis => await PrivateRedis.Start(Options.Data),
            _ => throw new IOException(
                "--services kafka does not start Kafka. Install one (https://kafka.apache.org/quickstart), and "
                    + "name it: "
                + "--services kafka localhost:9092."),
        };
        return address;
    }

    private async Task<string> StartInventory()
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, // A running process has a path.
            [
                .. AdditionalNodes.ProgramArguments(),
                "--services",
                $"{Options.Broker}",
                "--role",
                nameof(ShopRole.Inventory),
                "--service-of-another",
                "--no-simulation",
                "--data",
                Options.Data,
                "--secrets",
                Options.SecretsFolder,
                Options.AllowsDemoSignIn ? "--demo-sign-in" : "--no-demo-sign-in",
                .. Options.IsReadOnly ? ["--look-only"] : Array.Empty<string>(),
                .. Options.Etcd is { } etcd ? ["--etcd", etcd.ToString()] : Array.Empty<string>(),
                .. Options.StockLock is { } provider ? ["--stock-lock", $"{provider}"] : Array.Empty<string>(),
                "--port", $"{(Options.Port is { } port and > 0 ? port + 1 : 0)}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            // Not passed as arguments: every user of this machine can read those, and they may contain a password.
            Environment =
            {
                [ShopOptions.BrokerVariable] = Options.BrokerAddress,
                [ShopOptions.DatabaseVariable] = _inventoryDatabase,
                [ShopOptions.KeysVariable] = _inventoryKeys,
            },
        };
        _inventory = new Process { StartInfo = start, EnableRaisingEvents = true };
        _inventory.Exited += (_, _) =>
        {
            if (!_areExitsExpected)
                Console.Error.WriteLine("The service that keeps the stock has stopped. Orders wait for it.");
        };
        _inventory.Start();
        using var timeout = new CancellationTokenSource(WaitTimeout);
        var line = await _inventory.StandardOutput.ReadLineAsync(timeout.Token);
        return line?.Split(' ')[^1]
            ?? throw new IOException("The service that keeps the stock did not start: see what it says above.");
    }
}
