using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Servers;

/// <summary>
/// A TLS proxy for a broker of <see cref="KafkaServer"/>, which refuses unencrypted connections. The proxy replaces
/// the address of the broker in its answers with the address of the proxy.
/// </summary>
public sealed class KafkaTlsProxy : IAsyncDisposable
{
    private const string Host = "localhost";

    private readonly TlsProxy _proxy;
    private readonly byte[] _brokerAddress;
    private readonly byte[] _proxyAddress;

    /// <summary>Listens on a free port.</summary>
    /// <param name="broker">The address of the broker.</param>
    /// <param name="certificate">The certificate of the proxy, with its key.</param>
    /// <param name="login">The login that SASL PLAIN requires, or null to accept all clients.</param>
    public KafkaTlsProxy(string broker, X509Certificate2 certificate, (string Name, string Password)? login = null)
    {
        var endpoint = IPEndPoint.Parse(broker);
        _proxy = new TlsProxy(
            endpoint.Port,
            certificate,
            login is { } user ? new SaslPlainAuthenticator(user.Name, user.Password).AuthenticateClient : null,
            Answers);
        // Both addresses have the same length.
        (_brokerAddress, _proxyAddress) = (
            EncodeAddress($"{endpoint.Address}", endpoint.Port), EncodeAddress(Host, _proxy.Port));
    }

    /// <summary>Gets the address for clients.</summary>
    public string Address => $"{Host}:{_proxy.Port}";

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    /// <summary>Returns an address in the form of the protocol, without the length of the host name.</summary>
    private static byte[] EncodeAddress(string host, int port)
    {
        var address = new byte[host.Length + 4];
        Encoding.ASCII.GetBytes(host, address);
        BinaryPrimitives.WriteInt32BigEndian(address.AsSpan(host.Length), port);
        return address;
    }

    private async Task Answers(NetworkStream broker, SslStream client, CancellationToken cancellationToken)
    {
        while (await KafkaFrame.Read(broker, cancellationToken) is { } frame)
        {
            while (frame.AsSpan().IndexOf(_brokerAddress) is var start and >= 0)
                _proxyAddress.CopyTo(frame, start);
            await client.WriteAsync(frame, cancellationToken);
        }
    }
}
