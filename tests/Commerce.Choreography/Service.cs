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

/// <summary>A service of the choreography.</summary>
/// <param name="Part">Configures the published and received messages.</param>
/// <param name="Map">Maps the routes for users and for the bank.</param>
internal sealed record Service(Action<TransportBuilder> Part, Action<IEndpointRouteBuilder> Map)
{
    // The timeout is short, because the tests kill the service often.
    private static readonly TimeSpan TakeOverAfter = TimeSpan.FromSeconds(3);

    /// <summary>Retries conflicts often, because many commands change the same stock concurrently.</summary>
    private static readonly ConflictRetry Retry = new(
        MaxRetries: 10, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(200));

    public static Service Of(string name) => name switch
    {
        "orders" => new(OrdersPart.ConfigureMessages, OrdersPart.MapRoutes),
        "inventory" => new(InventoryPart.ConfigureMessages, InventoryPart.MapRoutes),
        "payments" => new(PaymentsPart.ConfigureMessages, PaymentsPart.MapRoutes),
        _ => throw new ArgumentException($"The service '{name}' is unknown.", nameof(name)),
    };

    public async Task Run(ServiceArguments arguments)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{arguments.Port}"));
        builder
            .Logging.ClearProviders()
            .AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<TimeProvider>(new OffsetClock(arguments.Ahead));
        builder.Services.AddMillraceProblemDetails();
        builder.Services.AddMillrace(millrace => Connect(millrace, arguments)
            .UseSqlite(arguments.Store)
            .AddModel<Trade>()
            .ConfigureCommands(commands => commands.Retry = Retry));
        await using var app = builder.Build();
        app.UseMillraceProblemDetails();
        Map(app);
        app.MapGet(
            "/ready",
            (Transports transports) =>
                transports.List().All(transport => transport.State == TransportState.Connected)
                    ? Results.NoContent()
                    : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        app.MapGet("/log", ReadLog);
        app.MapGet("/parked", async (DeadLetters letters, CancellationToken cancellationToken) =>
            (await letters.List(new DeadLetterQuery { States = [DeadLetterState.Parked] }, cancellationToken)).Count);
        app.MapGet("/letters", async (DeadLetters letters, CancellationToken cancellationToken) =>
            (await letters.List(new DeadLetterQuery { IsBrief = true, Limit = 10_000 }, cancellationToken)).Count);
        await app.RunAsync();
    }

    private MillraceBuilder Connect(MillraceBuilder millrace, ServiceArguments arguments) =>
        arguments.Broker switch
        {
            "rabbitmq" => millrace.UseRabbitMq(arguments.Address, Part),
            "redis" => millrace.UseRedis(arguments.Address, Part, redis => redis.TakeOverAfter = TakeOverAfter),
            var other => throw new ArgumentException($"The broker '{other}' is unknown.", nameof(arguments)),
        };

    /// <summary>
    /// Returns all events of the service in order, with their stream, their type and the number of the stock change.
    /// </summary>
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
