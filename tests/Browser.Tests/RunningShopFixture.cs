using System.Text;
using Commerce;
using Commerce.Retail;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Millrace;
using Millrace.Sqlite;
using Servers;

namespace Browser.Tests;

/// <summary>The real shop with a season of older books and its simulated customers, on its own store
/// and port.</summary>
public sealed class RunningShopFixture : IAsyncLifetime
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly string _data = Directory.CreateTempSubdirectory("millrace-browser-").FullName;
    private WebApplication? _app;

    public Uri Address { get; private set; } = new("about:blank");

    /// <summary>The number of an order that was delivered, once a test has asked for one.</summary>
    public string? DeliveredOrder { get; set; }

    public async Task InitializeAsync()
    {
        if (Chromium.SkipReason is not null)
            return; // Every test is skipped.
        var books = Path.Combine(_data, "season.csv");
        await File.WriteAllTextAsync(books, HistoricalSales.Csv());
        await Open(FreePorts.Take()); // It is opened again at the same.
        await Import(books);
    }

    /// <summary>Takes over older books, and returns when every page contains them.</summary>
    public async Task Import(string file)
    {
        var services = _app!.Services; // It is open.
        var token = await ActivatorUtilities.CreateInstance<RetailImport>(services, new RetailFile(file)).Run(default);
        var consumers = services.GetRequiredService<Consumers>();
        foreach (var consumer in await consumers.List())
            Assert.True(
                await consumers.WaitFor(consumer.Name, token, WaitTimeout),
                $"{consumer.Name} did not come to the end of the import.");
    }

    /// <summary>Appends events of one type as another program may have written them.</summary>
    public async Task Append(string stream, string type, params string[] json) =>
        await _app!
            .Services.GetRequiredService<EventStore>()
            .Append( // As above.
                new StreamId(stream),
                ExpectedVersion.Any,
                [.. json.Select(one => NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(one)))]);

    /// <summary>Opens the shop; with the port of before, those who look at it find it again.</summary>
    public async Task Open(int? port = null)
    {
        _app = ShopApplication.Create(new ShopOptions { Data = _data, Simulates = true }, port ?? Address.Port);
        await _app.StartAsync();
        Address = new Uri(_app.Urls.First());
    }

    /// <summary>
    /// Another node takes a consumer's work for a while, and does nothing about it; it gives it back in the end.
    /// </summary>
    public async Task<IAsyncDisposable> Elsewhere(params string[] consumers)
    {
        var storage = new SqliteStorage(Path.Combine(_data, "shop.db"));
        await storage.Open(default);
        return await HeldConsumerLeases.Take(storage, consumers);
    }

    public async Task Close()
    {
        await _app!.StopAsync(); // It is open.
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
