using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Tests how messages that wait in Redis for their next attempt are reported to operators.</summary>
public sealed class RetryReportingTests
{
    private static readonly CancellationToken Cancel = CancellationToken.None;
    // Long, because other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    [RedisFact]
    public async Task Waiting_retries_and_a_full_queue_are_in_health_metrics_and_HTTP()
    {
        await using var server = await RedisServer.Start();
        var measured = new ConcurrentDictionary<string, long>();
        using var listener = Listen("telling", measured);
        var isOpen = false;
        await using var app = Application(server.Address, () => Volatile.Read(ref isOpen));
        await app.StartAsync(Cancel);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        await BillingService.Publish(server, ("7", 1), ("7", 2), ("7", 3), ("7", 4));
        var stalled = await Eventually.Get(
            () => Health(client),
            static health => Retries(health)?.GetProperty("stalled").GetInt32() == 1,
            WaitTimeout);
        listener.RecordObservableInstruments();
        var status = await ReadStatus(client);

        Assert.Equal("degraded", stalled.GetProperty("status").GetString());
        Assert.True(Retries(stalled)!.Value.GetProperty("waiting").GetInt64() >= 2);
        Assert.True(measured["millrace.messaging.waiting {message} ObservableUpDownCounter"] >= 2);
        Assert.True(measured["millrace.messaging.put_off {message} Counter"] >= 1);
        Assert.Equal("telling", status.GetProperty("receiver").GetString());
        Assert.True(status.GetProperty("waiting").GetInt64() >= 2);
        Assert.Contains("it continues when", status.GetProperty("stall").GetString(), StringComparison.Ordinal);
        Volatile.Write(ref isOpen, true);
        var sound = await Eventually.Get(
            () => Health(client),
            static health => Retries(health)?.GetProperty("stalled").GetInt32() == 0,
            WaitTimeout);
        Assert.Equal("healthy", sound.GetProperty("status").GetString());
        await Eventually.Get(
            () => Health(client),
            static health => Retries(health)?.GetProperty("waiting").GetInt64() == 0,
            WaitTimeout);
        var handled = await ReadStatus(client);
        Assert.Equal((0, false), (handled.GetProperty("waiting").GetInt64(), handled.TryGetProperty("stall", out _)));
    }

    private static WebApplication Application(string address, Func<bool> isOpen)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace =>
            millrace
                .UseInMemory()
                .AddModel(static model => Shop.Register(model))
                .ConfigureConsumers(static options => options.MaxWaitingPerKey = 1)
                .OnFailure(
                    "receive.telling",
                    static policy =>
                        policy.Retry(100, TimeSpan.FromMilliseconds(10), maxDelay: TimeSpan.FromMilliseconds(100)))
                .UseRedis(
                    address,
                    redis =>
                        redis.Receive(
                            "telling",
                            "orders",
                            receiver =>
                                receiver
                                    .RetryAtBroker()
                                    .Handle<Placed>(
                                        (_, _, _) =>
                                            isOpen()
                                                ? ValueTask.CompletedTask
                                                : throw new InvalidOperationException("Not yet.")))));
        builder
            .Services.AddAuthorizationBuilder()
            .AddPolicy("operators", static policy => policy.RequireAssertion(static _ => true));
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseAuthorization();
        app.MapMillrace(static options => options.OperatorPolicy = "operators");
        return app;
    }

    private static async Task<JsonElement> Health(HttpClient client) =>
        await client.GetFromJsonAsync<JsonElement>("/health", Cancel);

    /// <summary>Returns the status of the only receiver from the HTTP API.</summary>
    private static async Task<JsonElement> ReadStatus(HttpClient client)
    {
        var transport = (await client.GetFromJsonAsync<JsonElement>("/millrace/transports", Cancel))
            .EnumerateArray()
            .Single();
        Assert.Equal(
            ("redis", "connected"),
            (transport.GetProperty("name").GetString(), transport.GetProperty("state").GetString()));
        return transport.GetProperty("retries").EnumerateArray().Single();
    }

    private static JsonElement? Retries(JsonElement health) =>
        health.TryGetProperty("retries", out var retries) ? retries : null;

    /// <summary>Records the sums of counters and the last values of gauges for one receiver.</summary>
    private static MeterListener Listen(string receiver, ConcurrentDictionary<string, long> measured)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == MillraceTelemetry.MeterName)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (!tags.ToArray().Any(tag => tag.Key == "messaging.consumer.group.name" && Equals(tag.Value, receiver)))
                return;
            var name = $"{instrument.Name} {instrument.Unit} {instrument.GetType().Name.Split('`')[0]}";
            measured.AddOrUpdate(name, value, (_, sum) => instrument.IsObservable ? value : sum + value);
        });
        listener.Start();
        return listener;
    }
}
