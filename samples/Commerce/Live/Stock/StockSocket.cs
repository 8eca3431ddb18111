using System.Net.WebSockets;

namespace Commerce.Live.Stock;

/// <summary>The WebSocket on which a client subscribes to products.</summary>
public static class StockSocket
{
    /// <summary>The close status for a client that reads too slowly and must connect again.</summary>
    public const WebSocketCloseStatus TooSlow = (WebSocketCloseStatus)4001;

    private const int MaxBytes = 64 * 1024;
    private const string TooSlowReason = "You read too slowly: connect again, and subscribe.";

    /// <summary>The maximum time for a dropped client to take the current message.</summary>
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(5);

    public static void MapLiveStock(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/live/stock", Serve).ExcludeFromDescription();
        StockEvents.Map(routes);
    }

    private static async Task Serve(
        HttpContext context, LiveStock stock, IStockReader reader, TimeProvider time, IHostApplicationLifetime host)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("This is a WebSocket: connect with ws://.", context.RequestAborted);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
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
            await Follow(socket, client, time, ending, dropping.Token, host.ApplicationStopping);
        }
        finally
        {
            stock.Remove(client);
        }
    }

    private static async Task Follow(
        WebSocket socket,
        StockClient client,
        TimeProvider time,
        CancellationTokenSource ending,
        CancellationToken dropping,
        CancellationToken stopping)
    {
        var sending = Send(socket, client, ending.Token, dropping);
        var reading = client.ReadStates(ending.Token);
        var receiving = Receive(socket, client, ending.Token);
        var closing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = stopping.Register(() => closing.TrySetResult());
        await Task.WhenAny(sending, reading, receiving, closing.Task);
        var (status, reason) = client.IsTooSlow ? (TooSlow, TooSlowReason)
            : stopping.IsCancellationRequested ? (WebSocketCloseStatus.EndpointUnavailable, "The shop is closing.")
            : receiving.IsCompletedSuccessfully ? await receiving
            : (WebSocketCloseStatus.InternalServerError, "The shop cannot tell its stock now.");
        if (client.IsTooSlow)
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else
            client.Messages.Finish();
        await Close(socket, sending, time, status, reason);
        // To cancel the receiving now would close the connection before the client has read the reason.
        using var limit = new CancellationTokenSource(WaitTimeout, time);
        await ((Task)receiving).WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ending.CancelAsync();
        await Task.WhenAll(sending, reading, receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task Send(
        WebSocket socket, StockClient client, CancellationToken ending, CancellationToken dropping)
    {
        using var any = CancellationTokenSource.CreateLinkedTokenSource(ending, dropping);
        while (await client.Messages.WaitForMore(any.Token))
        {
            while (!client.IsTooSlow && client.Messages.TryTake(out var message))
                await client.WaitForSend(
                    socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, any.Token));
            if (client.IsTooSlow)
                return;
        }
    }

    /// <summary>
    /// Handles the client's messages until it disconnects. Returns the status for closing the connection.
    /// </summary>
    private static async Task<(WebSocketCloseStatus Status, string Reason)> Receive(
        WebSocket socket, StockClient client, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxBytes];
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close)
                return (WebSocketCloseStatus.NormalClosure, "");
            length += received.Count;
            if (length == buffer.Length)
                return (WebSocketCloseStatus.MessageTooBig, $"A message has at most {MaxBytes - 1:N0} bytes.");
            if (!received.EndOfMessage)
                continue;
            StockSubscriptionRequest.Apply(buffer.AsMemory(0, length), client);
            length = 0;
        }
    }

    /// <summary>Sends the reason to the client. Aborts the connection if the client does not answer in time.</summary>
    private static async Task Close(
        WebSocket socket, Task sending, TimeProvider time, WebSocketCloseStatus status, string reason)
    {
        using var limit = new CancellationTokenSource(WaitTimeout, time);
        try
        {
            await sending.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(status, reason, limit.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            socket.Abort();
        }
    }
}
