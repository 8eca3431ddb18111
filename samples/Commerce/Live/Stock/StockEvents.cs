using System.Text;
using System.Text.Json;
using Commerce.Catalogue;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Primitives;

namespace Commerce.Live.Stock;

/// <summary>
/// Live stock by server-sent events, for clients that only listen. The address contains the products; another selection
/// needs another connection. Each connection starts with the current states and ignores <c>Last-Event-ID</c>, so
/// nothing is missed between two connections.
/// </summary>
public static class StockEvents
{
    /// <summary>The maximum number of products of a connection.</summary>
    public const int MaxKeys = 100;

    /// <summary>The name of the event that contains the reason for the end of a connection.</summary>
    public const string End = "end";

    private const string TooSlow = "You read too slowly: connect again.";
    private const string Closing = "The shop is closing.";
    private const string Failed = "The shop cannot tell its stock now: connect again.";

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);

    /// <summary>The maximum time for a dropped client to take the current message and the reason.</summary>
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(5);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/live/stock/events", Serve).ExcludeFromDescription();

    private static async Task Serve(
        HttpContext context, LiveStock stock, IStockReader reader, TimeProvider time, IHostApplicationLifetime host)
    {
        var products = new HashSet<ProductId>();
        if (ProblemOf(context.Request.Query["key"], products) is { } problem)
        {
            await Results.Problem(problem, statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, host.ApplicationStopping);
        using var dropping = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        var client = new StockClient(reader, time)
        {
            OnTooSlow = () =>
            {
                dropping.CancelAfter(WaitTimeout);
                stock.NoteDropped();
            },
        };
        stock.Add(client);
        try
        {
            foreach (var product in products)
                client.Subscribe(product);
            await StartResponse(context, ending.Token);
            await Follow(context, client, time, ending, dropping.Token);
        }
        finally
        {
            stock.Remove(client);
        }
    }

    private static string? ProblemOf(StringValues keys, HashSet<ProductId> products)
    {
        foreach (var key in keys)
        {
            if (!ProductId.TryParse(key, null, out var product))
                return "A 'key' is no id of a product.";
            products.Add(product);
            if (products.Count > MaxKeys)
                return $"A connection has at most {MaxKeys:N0} products.";
        }

        return products.Count == 0 ? "Name the products: ?key=…&key=…" : null;
    }

    private static Task StartResponse(HttpContext context, CancellationToken cancellationToken)
    {
        // Without a minimum rate, the server does not close the connection before the shop can send the reason.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // Disables buffering in proxies.
        return context.Response.Body.FlushAsync(cancellationToken);
    }

    private static async Task Follow(
        HttpContext context,
        StockClient client,
        TimeProvider time,
        CancellationTokenSource ending,
        CancellationToken dropping)
    {
        using var stopSending = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, dropping);
        var sending = Send(context.Response, client, time, stopSending.Token);
        var reading = client.ReadStates(ending.Token);
        await Task.WhenAny(sending, reading);
        var reason = client.IsTooSlow ? TooSlow : ending.IsCancellationRequested ? Closing : Failed;
        client.Messages.Finish();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Every send has a time limit.
        await ending.CancelAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!dropping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
            await WriteEnd(context, reason, time);
        else
            context.Abort();
    }

    private static async Task Send(
        HttpResponse response, StockClient client, TimeProvider time, CancellationToken cancellationToken)
    {
        var more = client.Messages.WaitForMore(cancellationToken).AsTask();
        while (true)
        {
            try
            {
                if (!await more.WaitAsync(PingInterval, time, cancellationToken))
                    return;
            }
            catch (TimeoutException)
            {
                // Detects broken connections.
                await client.WaitForSend(Write(response, ":\n\n"u8.ToArray(), cancellationToken));
                continue;
            }

            while (!client.IsTooSlow && client.Messages.TryTake(out var message))
                await client.WaitForSend(Write(response, [.. "data: "u8, .. message, .. "\n\n"u8], cancellationToken));
            if (client.IsTooSlow)
                return;
            more = client.Messages.WaitForMore(cancellationToken).AsTask();
        }
    }

    /// <summary>
    /// Sends the reason for the end. Closes the connection of a client that does not receive the reason in time.
    /// </summary>
    private static async Task WriteEnd(HttpContext context, string reason, TimeProvider time)
    {
        using var limit = new CancellationTokenSource(WaitTimeout, time);
        var data = JsonSerializer.Serialize(new { reason }, JsonSerializerOptions.Web);
        try
        {
            await Write(context.Response, Encoding.UTF8.GetBytes($"event: {End}\ndata: {data}\n\n"), limit.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    private static async Task Write(HttpResponse response, byte[] text, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(text, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
