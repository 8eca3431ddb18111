using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Servers;

/// <summary>
/// Stands before a broker of <see cref="KafkaServer"/> as a cluster does that is reached over TLS: what is not encrypted does not come to
/// it. Where the broker tells its own place, clients are told this one.
/// </summary>
public sealed class SecureKafkaLine : IAsyncDisposable
{
    private const string Host = "localhost";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly X509Certificate2 _certificate;
    private readonly SaslDoor? _door;
    private readonly int _target;
    private readonly byte[] _there;
    private readonly byte[] _here;
    private readonly Task _accepting;

    /// <summary>Listens on a free port.</summary>
    /// <param name="broker">Where the broker is.</param>
    /// <param name="certificate">What it shows, with its key.</param>
    /// <param name="login">Who is let in, by the mechanism PLAIN of SASL; null for everybody.</param>
    public SecureKafkaLine(string broker, X509Certificate2 certificate, (string Name, string Password)? login = null)
    {
        (_certificate, _door) = (certificate, login is { } who ? new SaslDoor(who.Name, who.Password) : null);
        var place = IPEndPoint.Parse(broker);
        _target = place.Port;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        (_there, _here) = (PlaceOf($"{place.Address}", place.Port), PlaceOf(Host, Port)); // As long as each other.
        _accepting = Accept();
    }

    /// <summary>Where clients connect to.</summary>
    public string Address => $"{Host}:{Port}";

    private int Port { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    /// <summary>A place as the protocol tells it, without the length of the host's name.</summary>
    private static byte[] PlaceOf(string host, int port)
    {
        var place = new byte[host.Length + 4];
        Encoding.ASCII.GetBytes(host, place);
        BinaryPrimitives.WriteInt32BigEndian(place.AsSpan(host.Length), port);
        return place;
    }

    private async Task Accept()
    {
        while (!_closing.IsCancellationRequested)
            _ = Serve(await _listener.AcceptTcpClientAsync(_closing.Token));
    }

    private async Task Serve(TcpClient client)
    {
        using var own = client;
        using var broker = new TcpClient { NoDelay = true };
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            await using var line = new SslStream(client.GetStream());
            await line.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, ended.Token);
            await broker.ConnectAsync(IPAddress.Loopback, _target, ended.Token);
            if (_door is not null && !await _door.LetIn(line, broker.GetStream(), ended.Token))
                return;
            var back = Answers(broker.GetStream(), line, ended.Token);
            await Task.WhenAny(line.CopyToAsync(broker.GetStream(), ended.Token), back);
            await ended.CancelAsync();
            await back.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException
            or System.Security.Authentication.AuthenticationException)
        {
            // The client has hung up, or does not trust this one.
        }
    }

    private async Task Answers(NetworkStream broker, SslStream client, CancellationToken cancellationToken)
    {
        while (await KafkaFrame.Read(broker, cancellationToken) is { } frame)
        {
            for (var at = frame.AsSpan().IndexOf(_there); at >= 0; at = frame.AsSpan().IndexOf(_there))
                _here.CopyTo(frame, at);
            await client.WriteAsync(frame, cancellationToken);
        }
    }
}
