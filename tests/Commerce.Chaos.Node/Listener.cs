using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Messaging;

namespace Commerce.Chaos;

/// <summary>
/// A service with its own store that receives order events over both brokers and records each message in its log.
/// </summary>
public static class Listener
{
    /// <summary>The path of the endpoint that returns 204 after the service has connected to both brokers.</summary>
    public const string ReadyPath = "/ready";

    /// <summary>Gets the names of the brokers, which distinguish the recorded messages.</summary>
    public static IReadOnlyList<string> Brokers { get; } = ["rabbitmq", "redis"];

    // The timeout is short, because the tests kill the listener often.
    private static readonly TimeSpan TakeOverAfter = TimeSpan.FromSeconds(3);

    internal static async Task Run(string rabbitMq, string redis, string database, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        builder
            .Logging.ClearProviders()
            .AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddMillrace(millrace =>
            millrace
                .UsePostgreSql(database)
                .AddModel<Gazette>()
                .UseRabbitMq(rabbitMq, from => Subscribe(from, Brokers[0]))
                .UseRedis(redis, from => Subscribe(from, Brokers[1]), options => options.TakeOverAfter = TakeOverAfter)
        );
        await using var app = builder.Build();
        app.MapGet(
            ReadyPath,
            (Transports transports) =>
                transports.List().All(connection => connection.State == TransportState.Connected)
                    ? Results.NoContent()
                    : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        await app.RunAsync();
    }

    /// <summary>
    /// Returns the stream with the messages that the listener received over a broker about a stream of the shop.
    /// </summary>
    public static StreamId NotesOf(string broker, string? stream) => new($"{broker}-{stream}");

    private static void Subscribe(TransportBuilder transport, string broker)
    {
        transport.Receive($"gazette-{broker}", PublishedOrders.Destination, receiver => receiver
            .Handle<OrderSubmitted>(Record)
            .Handle<OrderCheckedOut>(Record)
            .Handle<OrderPaid>(Record)
            .Handle<OrderPaymentFailed>(Record)
            .Handle<OrderProcessingStarted>(Record)
            .Handle<OrderShipped>(Record)
            .Handle<OrderDelivered>(Record)
            .Handle<OrderCancelled>(Record)
            .Handle<OrderFailed>(Record));

        ValueTask Record(object received, MessageContext context, CancellationToken cancellationToken)
        {
            context.Effect.To(
                NotesOf(broker, context.Message.Subject), ExpectedVersion.Any, new OrderNoted(context.Message.Id));
            return default;
        }
    }
}
