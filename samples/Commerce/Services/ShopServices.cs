using System.Diagnostics;
using Commerce.Nodes;
using Commerce.Services.Brokers;

namespace Commerce.Services;

/// <summary>
/// What a shop in two services has beside the program that is started: a broker, unless one was named, and the service
/// that keeps the stock, as a program of its own. All of it ends with this program.
/// </summary>
internal sealed class ShopServices : IAsyncDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private IAsyncDisposable? _broker;
    private Process? _inventory;
    private volatile bool _isLeaving;

    private readonly string? _inventoryDatabase;

    private ShopServices(ShopOptions options, string? inventoryDatabase) =>
        (Options, _inventoryDatabase) = (options, inventoryDatabase);

    /// <summary>The options of this program, which is the service of orders then.</summary>
    public ShopOptions Options { get; private set; }

    /// <summary>Where the service that keeps the stock is; null where there is none beside this program.</summary>
    public string? Inventory { get; private set; }

    /// <summary>Starts what is needed; nothing where this is the whole shop, or one of the services.</summary>
    /// <param name="options">The options of this program.</param>
    /// <param name="inventoryDatabase">The database of the service that keeps the stock; null where
    /// it keeps a file.</param>
    /// <exception cref="IOException">Something is not installed, or does not start.</exception>
    public static async Task<ShopServices> Start(ShopOptions options, string? inventoryDatabase = null)
    {
        var services = new ShopServices(options, inventoryDatabase);
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

    /// <summary>Says nothing of ends any more: Ctrl-C reaches the other service as well.</summary>
    public void Leave() => _isLeaving = true;

    public async ValueTask DisposeAsync()
    {
        Leave();
        if (_inventory is { } inventory)
        {
            inventory.StandardInput.Close();
            using var patience = new CancellationTokenSource(WaitTimeout);
            await inventory.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
                "--services kafka starts no Kafka of its own. Install one (https://kafka.apache.org/quickstart), and "
                    + "name it: "
                + "--services kafka localhost:9092."),
        };
        return address;
    }

    private async Task<string> StartInventory()
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, // A process that runs has one.
            [
                .. AdditionalNodes.Itself(),
                "--services",
                $"{Options.Broker}",
                "--role",
                nameof(ShopRole.Inventory),
                "--service-of-another",
                "--no-simulation",
                "--data",
                Options.Data,
                .. Options.IsReadOnly ? ["--look-only"] : Array.Empty<string>(),
                .. Options.Etcd is { } etcd ? ["--etcd", etcd.ToString()] : Array.Empty<string>(),
                .. Options.StockLock is { } place ? ["--stock-lock", $"{place}"] : Array.Empty<string>(),
                "--port", $"{(Options.Port is { } port and > 0 ? port + 1 : 0)}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            // Not among the arguments, which everyone on this machine can read: there may be a password in it.
            Environment =
            {
                [ShopOptions.BrokerVariable] = Options.BrokerAddress,
                [ShopOptions.DatabaseVariable] = _inventoryDatabase,
            },
        };
        _inventory = new Process { StartInfo = start, EnableRaisingEvents = true };
        _inventory.Exited += (_, _) =>
        {
            if (!_isLeaving)
                Console.Error.WriteLine("The service that keeps the stock has ended. Orders wait for it.");
        };
        _inventory.Start();
        using var patience = new CancellationTokenSource(WaitTimeout);
        var line = await _inventory.StandardOutput.ReadLineAsync(patience.Token);
        return line?.Split(' ')[^1]
            ?? throw new IOException("The service that keeps the stock did not start: see what it says above.");
    }
}
