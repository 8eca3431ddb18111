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

    private readonly TlsDoor _door;
    private readonly byte[] _there;
    private readonly byte[] _here;

    /// <summary>Listens on a free port.</summary>
    /// <param name="broker">Where the broker is.</param>
    /// <param name="certificate">What it shows, with its key.</param>
    /// <param name="login">Who is let in, by the mechanism PLAIN of SASL; null for everybody.</param>
    public SecureKafkaLine(string broker, X509Certificate2 certificate, (string Name, string Password)? login = null)
    {
        var place = IPEndPoint.Parse(broker);
        _door = new TlsDoor(place.Port, certificate, login is { } who ? new SaslDoor(who.Name, who.Password).LetIn : null, Answers);
        (_there, _here) = (PlaceOf($"{place.Address}", place.Port), PlaceOf(Host, _door.Port)); // As long as each other.
    }

    /// <summary>Where clients connect to.</summary>
    public string Address => $"{Host}:{_door.Port}";

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _door.DisposeAsync();

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
            for (var at = frame.AsSpan().IndexOf(_there); at >= 0; at = frame.AsSpan().IndexOf(_there))
                _here.CopyTo(frame, at);
            await client.WriteAsync(frame, cancellationToken);
        }
    }
}
