using System.Text;
using Commerce;
using Commerce.Orders;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Millrace;
using Millrace.Messaging;
using Millrace.Redis;
using Servers;

namespace Browser.Tests;

/// <summary>Tests that retries at a broker, which are not in the log, are shown with the dead letters.</summary>
[Collection(ShopCollection.Name)]
public sealed class BrokerPageTests(Chromium browser)
{
    private const string Row = "#view tr[data-key=mailer]";

    [BrowserAndRedisFact]
    public async Task Messages_that_wait_in_Redis_are_shown_with_the_dead_letters_until_they_are_handled()
    {
        await using var redis = await RedisServer.Start();
        var data = Directory.CreateTempSubdirectory("millrace-browser-").FullName;
        var isOpen = false;
        await using (var app = CreateShopWithBroker(data, redis.Address, () => Volatile.Read(ref isOpen)))
        {
            await app.StartAsync();
            await Deliver(redis.Address, count: 4);
            var address = new Uri(new Uri(app.Urls.First()), "/#/dead-letters");
            await using var page = await browser.Open(address);

            await page.Until($"() => document.querySelector('{Row} .stalled')");
            Assert.Equal("connected", await page.Text("#view article[data-key=redis] .state >> nth=0"));
            Assert.Contains(
                "since ", await page.Text("#view article[data-key=redis] .muted >> nth=0"), StringComparison.Ordinal);
            Assert.Matches(
                @"No event is held up, but [2-4] messages wait at a broker for a retry",
                await page.Text("#view"));
            Assert.Contains("it continues when they are handled", await page.Text(Row), StringComparison.Ordinal);
            foreach (var mode in DisplayMode.All)
                await CheckAppearance(address, mode);

            Volatile.Write(ref isOpen, true);
            await page.Until("() => document.querySelector('#view').innerText.includes('There are no dead letters')");
            await page.Until($"() => /^mailer\\s+0\\s+taken$/.test(document.querySelector('{Row}').innerText)");
            await redis.Crash();
            await page.Until("() => document.querySelector('#view article[data-key=redis] .unavailable')");
            await page.TakeScreenshot("brokers-away");
            Assert.Contains(
                "A broker is unavailable, so its messages are unknown",
                await page.Text("#view"),
                StringComparison.Ordinal);
            Assert.Contains(
                "'redis' is not available", await page.Text("#view article[data-key=redis]"), StringComparison.Ordinal);
            await redis.Restart();
            await page.Until("() => document.querySelector('#view article[data-key=redis] .connected')");
            Assert.Empty(page.Errors);
            await app.StopAsync();
        }
        Directory.Delete(data, recursive: true);
    }

    [BrowserFact]
    public async Task A_shop_without_a_broker_shows_no_broker()
    {
        var data = Directory.CreateTempSubdirectory("millrace-browser-").FullName;
        await using (var app = ShopApplication.Create(new ShopOptions { Data = data, Simulates = false }, port: 0))
        {
            await app.StartAsync();
            await using var page = await browser.Open(new Uri(new Uri(app.Urls.First()), "/#/dead-letters"));
            await page.Until("() => document.querySelector('#view').innerText.includes('There are no dead letters')");

            Assert.Equal(0, await page.At("#brokersTitle").CountAsync());
            await app.StopAsync();
        }
        Directory.Delete(data, recursive: true);
    }

    /// <summary>Creates a shop with deliveries over Redis, whose handler fails until the test opens it.</summary>
    private static WebApplication CreateShopWithBroker(string data, string redis, Func<bool> isOpen) =>
        ShopApplication.Create(
            new ShopOptions { Data = data, Simulates = false },
            port: 0,
            builder =>
                builder.Services.AddMillrace(millrace =>
                    millrace
                        .ConfigureConsumers(static options => options.MaxWaitingPerKey = 1)
                        .OnFailure(
                            "receive.mailer",
                            static policy =>
                                policy.Retry(
                                    100, TimeSpan.FromMilliseconds(200), maxDelay: TimeSpan.FromMilliseconds(500)))
                        .UseRedis(
                            redis,
                            transport =>
                                transport.Receive(
                                    "mailer",
                                    "deliveries",
                                    receiver =>
                                        receiver
                                            .RetryAtBroker()
                                            .Handle<OrderDelivered>(
                                                (_, _, _) =>
                                                    isOpen()
                                                        ? ValueTask.CompletedTask
                                                        : throw new InvalidOperationException(
                                                            "The mail server is away."))))));

    private static async Task Deliver(string address, int count)
    {
        await using var transport = new RedisTransport(new RedisOptions { Address = address }, TimeProvider.System);
        var order = Guid.CreateVersion7();
        for (var i = 0; i < count; i++) // One after the other, so that the stream has the same order.
        {
            var delivered = new Message
            {
                Id = $"{order}-{i}",
                Type = "order.delivered",
                Source = "carrier",
                Subject = $"order-{order}",
                Body = Encoding.UTF8.GetBytes($$"""{"order":"{{order}}","occurredAt":"2010-09-03T03:04:05Z"}"""),
            };
            var outcomes = await transport.Publish(
                [new OutgoingMessage("deliveries", delivered)],
                CancellationToken.None);
            Assert.True(outcomes.Single().IsConfirmed);
        }
    }

    private async Task CheckAppearance(Uri address, DisplayMode mode)
    {
        await using var page = await browser.Open(address, mode);
        await page.At($"{Row} .stalled").WaitForAsync();
        await page.TakeScreenshot("brokers-" + mode.Name);

        Assert.Empty(await page.FindLowContrast(minContrast: 4.5, texts: 20));
        Assert.Empty(await page.FindOverflow());
        Assert.Empty(await page.FindUnnamed());
    }
}
