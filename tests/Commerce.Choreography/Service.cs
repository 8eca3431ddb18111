using System.Globalization;
using System.Text.Json.Nodes;
using Commerce.Choreography.Inventory;
using Commerce.Choreography.Orders;
using Commerce.Choreography.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Messaging;
using Millrace.Storage;

namespace Commerce.Choreography;

/// <summary>One of the services.</summary>
/// <param name="Part">What it tells, and what it does about what it hears.</param>
/// <param name="Map">What people and the bank ask of it.</param>
internal sealed record Service(Action<TransportBuilder> Part, Action<IEndpointRouteBuilder> Map)
{
    // It is killed more often than a service is.
    private static readonly TimeSpan TakeOverAfter = TimeSpan.FromSeconds(3);

    /// <summary>Many reach for the same pieces at once.</summary>
    private static readonly ConflictRetry Retry = new(
        MaxRetries: 10, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(200));

    public static Service Of(string name) => name switch
    {
        "orders" => new(OrdersPart.Of, OrdersPart.Map),
        "inventory" => new(InventoryPart.Of, InventoryPart.Map),
        "payments" => new(PaymentsPart.Of, PaymentsPart.Map),
        _ => throw new ArgumentException($"There is no service '{name}'.", nameof(name)),
    };

    public async Task Run(ServiceArguments surroundings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{surroundings.Port}"));
        builder
            .Logging.ClearProviders()
            .AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<TimeProvider>(new OffsetClock(surroundings.Ahead));
        builder.Services.AddMillraceProblemDetails();
        builder.Services.AddMillrace(millrace => Connect(millrace, surroundings)
            .UseSqlite(surroundings.Store)
            .AddModel<Trade>()
            .ConfigureCommands(commands => commands.Retry = Retry));
        await using var app = builder.Build();
        app.UseMillraceProblemDetails();
        Map(app);
        app.MapGet(
            "/ready",
            (Transports transports) =>
                transports.List().All(one => one.State == TransportState.Connected)
                    ? Results.NoContent()
                    : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        app.MapGet("/log", ReadLog);
        app.MapGet("/parked", async (DeadLetters letters, CancellationToken cancellationToken) =>
            (await letters.List(new DeadLetterQuery { States = [DeadLetterState.Parked] }, cancellationToken)).Count);
        app.MapGet("/letters", async (DeadLetters letters, CancellationToken cancellationToken) =>
            (await letters.List(new DeadLetterQuery { IsBrief = true, Limit = 10_000 }, cancellationToken)).Count);
        await app.RunAsync();
    }

    private MillraceBuilder Connect(MillraceBuilder millrace, ServiceArguments surroundings) =>
        surroundings.Broker switch
        {
            "rabbitmq" => millrace.UseRabbitMq(surroundings.Address, Part),
            "redis" => millrace.UseRedis(surroundings.Address, Part, redis => redis.TakeOverAfter = TakeOverAfter),
            var other => throw new ArgumentException($"There is no broker '{other}'.", nameof(surroundings)),
        };

    /// <summary>All that has happened here, in order: streams and types, and which change of a
    /// product's stock it is.</summary>
    private static async Task<IResult> ReadLog(EventStore store, CancellationToken cancellationToken)
    {
        var log = new JsonArray();
        await foreach (var recorded in store.ReadLog(EventFilter.All, cancellationToken: cancellationToken))
        {
            log.Add(new JsonObject
            {
                ["stream"] = recorded.Stream.Value,
                ["type"] = recorded.Type,
                ["change"] = (recorded.Data as ProductStockChanged)?.Change,
            });
        }
        return Results.Text(log.ToJsonString(), "application/json");
    }
}
