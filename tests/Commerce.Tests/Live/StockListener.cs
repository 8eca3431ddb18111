using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Commerce.Tests.Live;

/// <summary>A client of live stock with a WebSocket.</summary>
internal sealed class StockListener : IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(5));
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly Channel<JsonNode?> _read = Channel.CreateUnbounded<JsonNode?>();
    private bool _isSlow;

    public ClientWebSocket Socket { get; } = new();

    /// <summary>Connects to a node. A slow client has a small receive buffer.</summary>
    public static async Task<StockListener> Connect(Uri node, bool isSlow = false)
    {
        var listener = new StockListener { _isSlow = isSlow };
        using var handler = new SocketsHttpHandler();
        if (isSlow)
            handler.ConnectCallback = async (context, cancel) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                await socket.ConnectAsync(context.DnsEndPoint, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            };
        var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        await listener.Socket.ConnectAsync(
            new Uri($"ws://{node.Authority}/api/live/stock"), invoker, listener._limit.Token);
        if (!isSlow)
            // The client reads continuously, because a client that does not read answers no ping and is disconnected.
            _ = listener.Read();
        return listener;
    }

    public Task SendText(string text) => Socket.SendAsync(
        Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, _limit.Token);

    public Task Subscribe(params string[] products) => SendAction("subscribe", products);

    public Task Unsubscribe(params string[] products) => SendAction("unsubscribe", products);

    /// <summary>Returns the next message, or null if the server has closed the connection.</summary>
    public async Task<JsonNode?> Next() => _isSlow ? await Receive() : await _read.Reader.ReadAsync(_limit.Token);

    private async Task Read()
    {
        try
        {
            JsonNode? message;
            do
                _read.Writer.TryWrite(message = await Receive());
            while (message is not null);
            _read.Writer.TryComplete();
        }
#pragma warning disable CA1031 // Any failure must complete the waiting reader.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _read.Writer.TryComplete(failure);
        }
    }

    private async Task<JsonNode?> Receive()
    {
        using var message = new MemoryStream();
        while (true)
        {
            var received = await Socket.ReceiveAsync(_buffer, _limit.Token);
            if (received.MessageType == WebSocketMessageType.Close)
                return null;
            message.Write(_buffer, 0, received.Count);
            if (received.EndOfMessage)
                return JsonNode.Parse(message.ToArray());
        }
    }

    /// <summary>Returns the available quantity in a state or a change.</summary>
    public async Task<int> Available()
    {
        var message = await Next();
        Assert.NotNull(message);
        var change = message["state"] is JsonArray state ? state.Single() : message;
        return change!["available"]!.GetValue<int>();
    }

    public void Dispose()
    {
        Socket.Dispose();
        _limit.Dispose();
    }

    private Task SendAction(string action, string[] products)
    {
        var ids = new JsonArray([.. products.Select(product => JsonValue.Create(product))]);
        return SendText(new JsonObject { ["action"] = action, ["product_ids"] = ids }.ToJsonString());
    }
}
