using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Servers;

/// <summary>
/// A proxy between a client and a server on this machine. A test can cut the connections, which both ends notice, or
/// silence them, which neither end notices.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<TcpClient, TcpClient> _pairs = [];
    private readonly Task _accepting;
    private volatile TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isCut;
    private volatile int _target;

    /// <summary>Listens on a free port.</summary>
    public TcpProxy(int target)
    {
        _target = target;
        _open.SetResult();
        _listener.Start();
        _accepting = Task.Run(Accept);
    }

    /// <summary>Gets the port of the proxy.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Resets every connection, including new ones, until <see cref="Restore"/> is called.</summary>
    public void Cut()
    {
        _isCut = true;
        CloseAll();
    }

    /// <summary>Connects new clients to another server. Existing connections remain unchanged.</summary>
    public void ForwardTo(int target) => _target = target;

    /// <summary>Forwards no data until <see cref="Restore"/> is called, without closing connections.</summary>
    public void Silence() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Forwards data again. Silenced connections are closed with their data, as after a long outage.</summary>
    public void Restore()
    {
        _isCut = false;
        if (_open.Task.IsCompleted)
            return;
        CloseAll();
        _open.TrySetResult();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        CloseAll();
        _open.TrySetResult();
        await _accepting;
        _listener.Stop(); // Stopped last, because accepting on a stopped listener throws another exception.
        _closing.Dispose();
    }

    private void CloseAll()
    {
        foreach (var (client, server) in _pairs)
        {
            client.Client?.Close(0);
            server.Client?.Close(0);
        }
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
        using var server = new TcpClient { NoDelay = true };
        try
        {
            using (client)
            {
                client.NoDelay = true;
                if (_isCut)
                    return;
                await _open.Task;
                await server.ConnectAsync(IPAddress.Loopback, _target, _closing.Token);
                _pairs[client] = server;
                if (_isCut)
                    return;
                await Task.WhenAny(
                    Copy(client.GetStream(), server.GetStream()), Copy(server.GetStream(), client.GetStream()));
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or IOException
            or ObjectDisposedException or InvalidOperationException)
        {
            // One side has closed the connection.
        }
        finally
        {
            _pairs.TryRemove(client, out _);
        }
    }

    private async Task Copy(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (await from.ReadAsync(buffer, _closing.Token) is var count and > 0)
            {
                await _open.Task;
                await to.WriteAsync(buffer.AsMemory(0, count), _closing.Token);
            }
        }
        catch (Exception failure)
            when (failure is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // The other direction is closed, too.
        }
    }
}
