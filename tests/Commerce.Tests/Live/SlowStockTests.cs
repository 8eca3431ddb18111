using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Commerce.Live.Stock;

namespace Commerce.Tests.Live;

/// <summary>
/// Tests that clients that read receive changes under any load, and that the server drops a client that does not read.
/// </summary>
public sealed class SlowStockTests
{
    [Fact]
    public async Task After_a_burst_a_client_of_server_sent_events_has_the_newest_quantity_of_each_product()
    {
        await using var host = await StockHost.Start();
        await using var events = await host.Listen();
        await ReadUntil(host, 1, () => Next(events));

        await ReadUntil(host, host.Burst(), () => Next(events));

        Assert.Equal(0, host.Stock.Dropped);
    }

    [Fact]
    public async Task After_a_burst_a_WebSocket_client_has_the_newest_quantity_of_each_product()
    {
        await using var host = await StockHost.Start();
        using var listener = await StockListener.Connect(host.Address);
        await listener.Subscribe([.. host.Products.Select(item => item.ToString())]);
        await ReadUntil(host, 1, listener.Next);

        await ReadUntil(host, host.Burst(), listener.Next);

        Assert.Equal(0, host.Stock.Dropped);
    }

    [Fact]
    public async Task Only_a_client_that_does_not_read_events_is_dropped_with_the_reason()
    {
        await using var host = await StockHost.Start();
        await using var quick = await host.Listen();
        await using var slow = await host.Listen(isSlow: true);
        await ReadUntil(host, 1, () => Next(quick));
        await Next(slow); // The client then reads nothing for a long time.

        await host.DropSlowClient(available => ReadUntil(host, available, () => Next(quick)));

        do
            Assert.True(await slow.MoveNextAsync());
        while (slow.Current.EventType != StockEvents.End);
        Assert.Contains("too slowly", (string)JsonNode.Parse(slow.Current.Data)!["reason"]!, StringComparison.Ordinal);
        Assert.False(await slow.MoveNextAsync());
        await ReadUntil(host, host.Burst(), () => Next(quick));
        Assert.Equal(1, host.Stock.Dropped);
    }

    [Fact]
    public async Task Only_a_client_that_does_not_read_its_WebSocket_is_dropped_with_the_reason()
    {
        await using var host = await StockHost.Start();
        var products = host.Products.Select(item => item.ToString()).ToArray();
        using var quick = await StockListener.Connect(host.Address);
        using var slow = await StockListener.Connect(host.Address, isSlow: true);
        await quick.Subscribe(products);
        await slow.Subscribe(products);
        await ReadUntil(host, 1, quick.Next);

        await host.DropSlowClient(available => ReadUntil(host, available, quick.Next));

        while (await slow.Next() is not null)
        {
        }

        Assert.Equal(StockSocket.TooSlow, slow.Socket.CloseStatus);
        Assert.Contains("too slowly", slow.Socket.CloseStatusDescription, StringComparison.Ordinal);
        await ReadUntil(host, host.Burst(), quick.Next);
        Assert.Equal(1, host.Stock.Dropped);
    }

    /// <summary>The server disconnects a dropped client that still does not read, without sending the reason.</summary>
    [Fact]
    public async Task A_client_that_never_reads_again_is_disconnected()
    {
        await using var host = await StockHost.Start();
        await using var slow = await host.Listen(isSlow: true);
        await Next(slow);

        await host.DropSlowClient(_ => Task.CompletedTask);
        host.Clock.Advance(TimeSpan.FromMinutes(1));

        await Eventually.Until(() => !host.Stock.HasClients, TimeSpan.FromMinutes(4));
    }

    /// <summary>
    /// Reads until each product has a quantity, and checks that each message contains a greater quantity.
    /// </summary>
    private static async Task ReadUntil(StockHost host, int available, Func<Task<JsonNode?>> next)
    {
        var known = host.Products.ToDictionary(item => item.ToString(), _ => 0);
        while (known.Values.Any(quantity => quantity != available))
        {
            var message = await next();
            Assert.NotNull(message);
            var (product, now) = message["subscribed"] is { } subscribed
                ? ((string)subscribed!, (int)message["state"]![0]!["available"]!)
                : ((string)message["product"]!, (int)message["available"]!);
            Assert.True(now > known[product], $"{product} went from {known[product]} to {now}.");
            known[product] = now;
        }
    }

    private static async Task<JsonNode?> Next(IAsyncEnumerator<SseItem<string>> events)
    {
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("message", events.Current.EventType);
        return JsonNode.Parse(events.Current.Data);
    }
}
