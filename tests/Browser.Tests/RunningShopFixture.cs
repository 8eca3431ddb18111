using System.Text;
using Commerce;
using Commerce.Retail;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Millrace;
using Millrace.Sqlite;
using Servers;

namespace Browser.Tests;

/// <summary>The real shop with a season of older sales and simulated customers, with its own store and port.</summary>
public sealed class RunningShopFixture : IAsyncLifetime
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly string _data = Directory.CreateTempSubdirectory("millrace-browser-").FullName;
    private WebApplication? _app;

    public Uri Address { get; private set; } = new("about:blank");

    /// <summary>Gets or sets the number of a delivered order, after a test has requested one.</summary>
    public string? DeliveredOrder { get; set; }

    public async Task InitializeAsync()
    {
        if (Chromium.SkipReason is not null)
            return; // All tests are skipped.
        var salesFile = Path.Combine(_data, "season.csv");
        await File.WriteAllTextAsync(salesFile, HistoricalSales.Csv());
        await Open(FreePorts.Take()); // The shop reopens with the same port.
        await Import(salesFile);
    }

    /// <summary>Imports older sales and returns when every page contains them.</summary>
    public async Task Import(string file)
    {
        var services = _app!.Services; // The shop is open.
        var token = await ActivatorUtilities.CreateInstance<RetailImport>(services, new RetailFile(file)).Run(default);
        var consumers = services.GetRequiredService<Consumers>();
        foreach (var consumer in await consumers.List())
            Assert.True(
                await consumers.WaitFor(consumer.Name, token, WaitTimeout),
                $"{consumer.Name} did not reach the end of the import.");
    }

    /// <summary>Appends events of one type as another program may have written them.</summary>
    public async Task Append(string stream, string type, params string[] json) =>
        await _app!
            .Services.GetRequiredService<EventStore>()
            .Append( // The shop is open.
                new StreamId(stream),
                ExpectedVersion.Any,
                [.. json.Select(payload => NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(payload)))]);

    /// <summary>Opens the shop. With the same port, open pages can reconnect.</summary>
    public async Task Open(int? port = null)
    {
        _app = ShopApplication.Create(new ShopOptions { Data = _data, Simulates = true }, port ?? Address.Port);
        await _app.StartAsync();
        Address = new Uri(_app.Urls.First());
    }

    /// <summary>
    /// Acquires the leases of consumers as another, idle node. The returned object releases them.
    /// </summary>
    public async Task<IAsyncDisposable> HoldLeases(params string[] consumers)
    {
        var storage = new SqliteStorage(Path.Combine(_data, "shop.db"));
        await storage.Open(default);
        return await HeldConsumerLeases.Take(storage, consumers);
    }

    public async Task Close()
    {
        await _app!.StopAsync(); // The shop is open.
        await _app.DisposeAsync();
        _app = null;
    }

    public async Task DisposeAsync()
    {
        if (_app is not null)
            await Close();
        Directory.Delete(_data, recursive: true);
    }
}
