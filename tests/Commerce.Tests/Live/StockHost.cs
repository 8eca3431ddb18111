using System.Net.ServerSentEvents;
using System.Net.Sockets;
using Commerce.Catalogue;
using Commerce.Inventory;
using Commerce.Live.Stock;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Commerce.Tests.Live;

/// <summary>Serves only live stock over HTTP. The test makes the changes and advances the clock.</summary>
internal sealed class StockHost : IAsyncDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    // The limit is long, because other tests and builds share the processor.
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(5));
    private readonly WebApplication _app;
    private int _published;

    private StockHost()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder
            .Services.AddSingleton(Stock)
            .AddSingleton<TimeProvider>(Clock)
            .AddSingleton<IStockReader>(new SingleUnitStockReader());
        _app = builder.Build();
        _app.UseWebSockets();
        _app.MapLiveStock();
    }

    public LiveStock Stock { get; } = new();

    public ManualTimeProvider Clock { get; } = new();

    /// <summary>
    /// Gets as many products as a connection for server-sent events may have. The stock of each product is one unit.
    /// </summary>
    public IReadOnlyList<ProductId> Products { get; } =
        [.. Enumerable.Range(0, StockEvents.MaxKeys).Select(_ => ProductId.Parse($"{Guid.NewGuid()}", null))];

    public Uri Address => new(_app.Urls.First());

    public static async Task<StockHost> Start()
    {
        var host = new StockHost();
        await host._app.StartAsync(host._limit.Token);
        return host;
    }

    /// <summary>Connects to the server-sent events of all products.</summary>
    public async Task<IAsyncEnumerator<SseItem<string>>> Listen(bool isSlow = false)
    {
        var handler = new SocketsHttpHandler();
        if (isSlow)
        {
            handler.ConnectCallback = static async (context, cancel) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                await socket.ConnectAsync(context.DnsEndPoint, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        var address = new Uri(
            Address, "/api/live/stock/events?" + string.Join('&', Products.Select(product => $"key={product}")));
        var response = await new HttpMessageInvoker(handler).SendAsync(
            new HttpRequestMessage(HttpMethod.Get, address), _limit.Token);
        return SseParser
            .Create(await response.Content.ReadAsStreamAsync(_limit.Token))
            .EnumerateAsync(_limit.Token)
            .GetAsyncEnumerator(_limit.Token);
    }

    /// <summary>Changes every product five times, and returns the final quantity.</summary>
    public int Burst()
    {
        for (var i = 0; i < 5; i++)
        {
            _published++;
            foreach (var product in Products)
                Stock.Notify(
                    new StockChange(product, WarehouseId.Main, 1 + _published, Clock.GetUtcNow(), 1 + _published));
        }

        return 1 + _published;
    }

    /// <summary>
    /// Makes changes and advances the clock until the server drops a client. Clients that read receive each burst
    /// first.
    /// </summary>
    public async Task DropSlowClient(Func<int, Task> read)
    {
        while (Stock.Dropped == 0)
        {
            _limit.Token.ThrowIfCancellationRequested();
            await read(Burst());
            Clock.Advance(Moment);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _limit.Dispose();
    }

    private sealed class SingleUnitStockReader : IStockReader
    {
        public Task<IReadOnlyList<StockChange>> Read(ProductId product, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<StockChange>>([new StockChange(product, WarehouseId.Main, 1, default, 1)]);
    }
}
