using System.Net;
using System.Net.Sockets;

namespace Servers;

/// <summary>
/// A proxy between a client and a server that cuts the connection of a marked request: before it reaches the server,
/// before the answer reaches the client, or with the request delivered later. It can also become silent during the
/// request, like a frozen client.
/// </summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;
    private readonly TaskCompletionSource _late = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _frozen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _thawed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Order? _order;

    /// <summary>Listens on a free port.</summary>
    public CuttingProxy(int target)
    {
        Target = target;
        _listener.Start();
        _accepting = Task.Run(Accept);
    }

    /// <summary>The port of the server that it connects its next clients to.</summary>
    public int Target { get; set; }

    /// <summary>Its address.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Cuts the connection of the next request that contains given bytes, once.</summary>
    /// <param name="mark">The bytes.</param>
    /// <param name="how">The time of the cut.</param>
    /// <param name="meanwhile">An action before the client sees the cut; nothing by default.</param>
    public void CutAt(ReadOnlySpan<byte> mark, Cut how, Func<Task>? meanwhile = null) =>
        _order = new Order(mark.ToArray(), how, meanwhile);

    /// <summary>Completes when a client has frozen.</summary>
    public Task Frozen => _frozen.Task;

    /// <summary>Resumes a frozen client.</summary>
    public void Thaw() => _thawed.TrySetResult();

    /// <summary>Delivers the delayed request, and returns when the server has answered it or closed the
    /// connection.</summary>
    public Task DeliverLate()
    {
        _late.TrySetResult();
        return _delivered.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _accepting;
        _listener.Stop(); // Not earlier: accepting on a stopped listener is an error of the caller.
        _closing.Dispose();
    }

    private async Task Accept()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_closing.Token);
                _ = Serve(client);
            }
            catch (Exception failure)
                when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task Serve(TcpClient client)
    {
        try
        {
            using (client)
            using (var server = new TcpClient { NoDelay = true })
            {
                client.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, Target, _closing.Token);
                using var cut = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
                var back = Copy(server.GetStream(), client.GetStream(), cut.Token);
                await Requests(client, server, cut, back);
                await cut.CancelAsync();
                await back;
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or IOException)
        {
            // One side has closed the connection.
        }
    }

    private async Task Requests(TcpClient client, TcpClient server, CancellationTokenSource cut, Task back)
    {
        var buffer = new byte[1 << 16];
        while (true)
        {
            var count = await client.GetStream().ReadAsync(buffer, cut.Token);
            if (count == 0)
                return;
            if (_order is { } order && buffer.AsSpan(0, count).IndexOf(order.Mark) is var at and >= 0)
            {
                _order = null;
                if (order.How == Cut.Freeze)
                {
                    await Freeze(server, buffer.AsMemory(0, count), at, cut.Token);
                    continue;
                }
                await cut.CancelAsync();
                await back;
                await Apply(order, client, server, buffer.AsMemory(0, count));
                return;
            }
            await server.GetStream().WriteAsync(buffer.AsMemory(0, count), cut.Token);
        }
    }

    private async Task Freeze(TcpClient server, Memory<byte> request, int at, CancellationToken cancellationToken)
    {
        await server.GetStream().WriteAsync(request[..at], cancellationToken);
        _frozen.TrySetResult();
        await _thawed.Task.WaitAsync(cancellationToken);
        await server.GetStream().WriteAsync(request[at..], cancellationToken);
    }

    private async Task Apply(Order order, TcpClient client, TcpClient server, Memory<byte> request)
    {
        if (order.How == Cut.Late)
        {
            client.Close();
            await _late.Task.WaitAsync(_closing.Token);
        }
        if (order.How != Cut.Before)
        {
            await server.GetStream().WriteAsync(request, _closing.Token);
            try
            {
                // The answer shows that the server is done with it; the client does not get it.
                _ = await server.GetStream().ReadAsync(new byte[1 << 16], _closing.Token);
            }
            finally
            {
                _delivered.TrySetResult();
            }
        }
        await (order.Meanwhile?.Invoke() ?? Task.CompletedTask);
        client.Close();
    }

    private sealed record Order(byte[] Mark, Cut How, Func<Task>? Meanwhile);

    private static async Task Copy(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        try
        {
            await from.CopyToAsync(to, cancellationToken);
            to.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure) when (failure is SocketException or IOException && to.Socket.Connected)
        {
            to.Socket.Shutdown(SocketShutdown.Send); // What was reset on one side ends on the other.
        }
        catch (Exception failure)
            when (failure is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // The other direction ends as well.
        }
    }
}

/// <summary>The time of a cut.</summary>
public enum Cut
{
    /// <summary>Before the request reaches the server.</summary>
    Before,

    /// <summary>After the server has handled the request, before its answer reaches the client.</summary>
    After,

    /// <summary>Immediately; the server still gets the request later.</summary>
    Late,

    /// <summary>Forwards nothing and reports nothing until the client thaws.</summary>
    Freeze,
}
