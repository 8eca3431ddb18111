using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Servers;

/// <summary>A proxy that adds TLS to a server on this machine.</summary>
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
    /// <param name="certificate">The certificate of the proxy, with its key.</param>
    /// <param name="authenticate">Returns whether a client may use the server, or null to accept all clients.</param>
    /// <param name="answers">Forwards the answers of the server, or null to forward them unchanged.</param>
    public TlsProxy(
        int target,
        X509Certificate2 certificate,
        Func<SslStream, NetworkStream, CancellationToken, Task<bool>>? authenticate = null,
        Func<NetworkStream, SslStream, CancellationToken, Task>? answers = null)
    {
        (_target, _certificate, _authenticate) = (target, certificate, authenticate);
        _answers = answers ?? (static (server, client, cancel) => server.CopyToAsync(client, cancel));
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>Gets the port of the proxy.</summary>
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
        using var disposedClient = client;
        using var server = new TcpClient { NoDelay = true };
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = _certificate }, ended.Token);
            await server.ConnectAsync(IPAddress.Loopback, _target, ended.Token);
            if (_authenticate is not null && !await _authenticate(tls, server.GetStream(), ended.Token))
                return;
            var answering = _answers(server.GetStream(), tls, ended.Token);
            await Task.WhenAny(tls.CopyToAsync(server.GetStream(), ended.Token), answering);
            await ended.CancelAsync();
            await answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception failure)
            when (failure is IOException or SocketException or OperationCanceledException or AuthenticationException)
        {
            // The client has closed the connection or does not trust the certificate.
        }
    }
}
