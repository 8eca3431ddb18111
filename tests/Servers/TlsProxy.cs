using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Servers;

/// <summary>Stands before a server on this machine that speaks no TLS, and speaks it for that one.</summary>
public sealed class TlsProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly X509Certificate2 _certificate;
    private readonly int _target;
    private readonly Func<SslStream, NetworkStream, CancellationToken, Task<bool>>? _authenticate;
    private readonly Func<NetworkStream, SslStream, CancellationToken, Task> _answers;
    private readonly Task _accepting;

    /// <summary>Listens on a free port.</summary>
    /// <param name="target">The port of the server.</param>
    /// <param name="certificate">What it shows, with its key.</param>
    /// <param name="letIn">Says whether a client may continue to the server; null for all clients.</param>
    /// <param name="answers">Hands the server's answers on; null for as they are.</param>
    public TlsProxy(
        int target,
        X509Certificate2 certificate,
        Func<SslStream, NetworkStream, CancellationToken, Task<bool>>? letIn = null,
        Func<NetworkStream, SslStream, CancellationToken, Task>? answers = null)
    {
        (_target, _certificate, _authenticate) = (target, certificate, letIn);
        _answers = answers ?? (static (server, client, cancel) => server.CopyToAsync(client, cancel));
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Stop();
        _closing.Dispose();
    }

    private async Task Accept()
    {
        while (!_closing.IsCancellationRequested)
            _ = Serve(await _listener.AcceptTcpClientAsync(_closing.Token));
    }

    private async Task Serve(TcpClient client)
    {
        using var own = client;
        using var server = new TcpClient { NoDelay = true };
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            await using var line = new SslStream(client.GetStream());
            await line.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = _certificate }, ended.Token);
            await server.ConnectAsync(IPAddress.Loopback, _target, ended.Token);
            if (_authenticate is not null && !await _authenticate(line, server.GetStream(), ended.Token))
                return;
            var back = _answers(server.GetStream(), line, ended.Token);
            await Task.WhenAny(line.CopyToAsync(server.GetStream(), ended.Token), back);
            await ended.CancelAsync();
            await back.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception failure)
            when (failure is IOException or SocketException or OperationCanceledException or AuthenticationException)
        {
            // The client has hung up, or does not trust this one.
        }
    }
}
