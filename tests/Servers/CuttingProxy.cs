using System.Net;
using System.Net.Sockets;

namespace Servers;

/// <summary>
/// A proxy between a client and a server that cuts the connection of a marked request. The cut is before the request
/// reaches the server or before the answer reaches the client, or the request is delivered later. The proxy can also
/// stop forwarding during the request, like a frozen client.
/// </summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;
    private readonly TaskCompletionSource _lateRelease = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _frozen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _thawed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile PlannedCut? _plannedCut;

    /// <summary>Listens on a free port.</summary>
    public CuttingProxy(int target)
    {
        Target = target;
        _listener.Start();
        _accepting = Task.Run(Accept);
    }

    /// <summary>Gets or sets the port of the server for new clients.</summary>
    public int Target { get; set; }

    /// <summary>Gets the port of the proxy.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Cuts the connection of the next request that contains the given bytes.</summary>
    /// <param name="mark">The bytes.</param>
    /// <param name="how">The time of the cut.</param>
    /// <param name="meanwhile">An optional action before the client sees the cut.</param>
    public void CutAt(ReadOnlySpan<byte> mark, Cut how, Func<Task>? meanwhile = null) =>
        _plannedCut = new PlannedCut(mark.ToArray(), how, meanwhile);

    /// <summary>Gets a task that completes when a client has frozen.</summary>
    public Task Frozen => _frozen.Task;

    /// <summary>Resumes a frozen client.</summary>
    public void Thaw() => _thawed.TrySetResult();

    /// <summary>
    /// Delivers the delayed request, and returns when the server has answered or closed the connection.
    /// </summary>
    public Task DeliverLate()
    {
        _lateRelease.TrySetResult();
        return _delivered.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _accepting;
        _listener.Stop(); // Stopped last, because accepting on a stopped listener throws another exception.
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
                var answering = Copy(server.GetStream(), client.GetStream(), cut.Token);
                await Requests(client, server, cut, answering);
                await cut.CancelAsync();
                await answering;
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or IOException)
        {
            // One side has closed the connection.
        }
    }

    private async Task Requests(TcpClient client, TcpClient server, CancellationTokenSource cut, Task answering)
    {
        var buffer = new byte[1 << 16];
        while (true)
        {
            var count = await client.GetStream().ReadAsync(buffer, cut.Token);
            if (count == 0)
                return;
            if (_plannedCut is { } planned && buffer.AsSpan(0, count).IndexOf(planned.Mark) is var mark and >= 0)
            {
                _plannedCut = null;
                if (planned.How == Cut.Freeze)
                {
                    await Freeze(server, buffer.AsMemory(0, count), mark, cut.Token);
                    continue;
                }
                await cut.CancelAsync();
                await answering;
                await Apply(planned, client, server, buffer.AsMemory(0, count));
                return;
            }
            await server.GetStream().WriteAsync(buffer.AsMemory(0, count), cut.Token);
        }
    }

    private async Task Freeze(TcpClient server, Memory<byte> request, int mark, CancellationToken cancellationToken)
    {
        await server.GetStream().WriteAsync(request[..mark], cancellationToken);
        _frozen.TrySetResult();
        await _thawed.Task.WaitAsync(cancellationToken);
        await server.GetStream().WriteAsync(request[mark..], cancellationToken);
    }

    private async Task Apply(PlannedCut planned, TcpClient client, TcpClient server, Memory<byte> request)
    {
        if (planned.How == Cut.Late)
        {
            client.Close();
            await _lateRelease.Task.WaitAsync(_closing.Token);
        }
        if (planned.How != Cut.Before)
        {
            await server.GetStream().WriteAsync(request, _closing.Token);
            try
            {
                // The answer shows that the server has handled the request. The client does not receive it.
                _ = await server.GetStream().ReadAsync(new byte[1 << 16], _closing.Token);
            }
            finally
            {
                _delivered.TrySetResult();
            }
        }
        await (planned.Meanwhile?.Invoke() ?? Task.CompletedTask);
        client.Close();
    }

    private sealed record PlannedCut(byte[] Mark, Cut How, Func<Task>? Meanwhile);

    private static async Task Copy(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        try
        {
            await from.CopyToAsync(to, cancellationToken);
            to.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure) when (failure is SocketException or IOException && to.Socket.Connected)
        {
            to.Socket.Shutdown(SocketShutdown.Send); // A reset of one side closes the other side.
        }
        catch (Exception failure)
            when (failure is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // The other direction is closed, too.
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

    /// <summary>Immediately. The server receives the request later.</summary>
    Late,

    /// <summary>No cut. The proxy forwards nothing until the client thaws.</summary>
    Freeze,
}
