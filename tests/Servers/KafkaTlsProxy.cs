using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Servers;

/// <summary>
/// Stands before a broker of <see cref="KafkaServer"/> as a cluster does that is reached over TLS: what is not
/// encrypted does not come to it. Where the broker tells its own place, clients get this one.
/// </summary>
public sealed class KafkaTlsProxy : IAsyncDisposable
{
    private const string Host = "localhost";

    private readonly TlsProxy _proxy;
    private readonly byte[] _brokerAddress;
    private readonly byte[] _proxyAddress;

    /// <summary>Listens on a free port.</summary>
    /// <param name="broker">Where the broker is.</param>
    /// <param name="certificate">What it shows, with its key.</param>
    /// <param name="login">Who is let in, by the mechanism PLAIN of SASL; null for all clients.</param>
    public KafkaTlsProxy(string broker, X509Certificate2 certificate, (string Name, string Password)? login = null)
    {
        var place = IPEndPoint.Parse(broker);
        _proxy = new TlsProxy(
            place.Port,
            certificate,
            login is { } who ? new SaslPlainAuthenticator(who.Name, who.Password).AuthenticateClient : null,
            Answers);
        // As long as each other.
        (_brokerAddress, _proxyAddress) = (PlaceOf($"{place.Address}", place.Port), PlaceOf(Host, _proxy.Port));
    }

    /// <summary>Where clients connect to.</summary>
    public string Address => $"{Host}:{_proxy.Port}";

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    /// <summary>A place as the protocol tells it, without the length of the host's name.</summary>
    private static byte[] PlaceOf(string host, int port)
    {
        var place = new byte[host.Length + 4];
        Encoding.ASCII.GetBytes(host, place);
        BinaryPrimitives.WriteInt32BigEndian(place.AsSpan(host.Length), port);
        return place;
    }

    private async Task Answers(NetworkStream broker, SslStream client, CancellationToken cancellationToken)
    {
        while (await KafkaFrame.Read(broker, cancellationToken) is { } frame)
        {
            for (var at = frame.AsSpan().IndexOf(_brokerAddress); at >= 0; at = frame.AsSpan().IndexOf(_brokerAddress))
                _proxyAddress.CopyTo(frame, at);
            await client.WriteAsync(frame, cancellationToken);
        }
    }
}
