using System.Buffers.Binary;
using System.Text;

namespace Servers;

/// <summary>
/// Authenticates clients with SASL PLAIN in the protocol of Kafka. A client sends three requests: for the supported
/// versions, for the mechanism, and with the name and the password. Other requests are refused before the
/// authentication.
/// </summary>
/// <param name="name">The accepted user name.</param>
/// <param name="password">The password of the user.</param>
internal sealed class SaslPlainAuthenticator(string name, string password)
{
    private const short Versions = 18;
    private const short Handshake = 17;
    private const short Authenticate = 36;
    private const short UnsupportedMechanism = 33;
    private const short Failed = 58;
    private const int FirstCompactVersion = 3; // The version of the answer with compact lengths.
    private const int HeaderLength = 14; // Length, type, version, number and length of the client name.

    private static readonly byte[] Plain = "\0\x05PLAIN"u8.ToArray();
    private static readonly byte[] Nothing = [];

    /// <summary>Authenticates a client and returns whether the client is accepted.</summary>
    public async Task<bool> AuthenticateClient(Stream client, Stream broker, CancellationToken cancellationToken)
    {
        while (await KafkaFrame.Read(client, cancellationToken) is { } request)
        {
            var answer = KindOf(request) switch
            {
                Versions => await AddSaslVersions(request, broker, cancellationToken),
                Handshake => AnswerTo(
                    request, Numbers(IsPlain(request) ? (short)0 : UnsupportedMechanism), Numbers(0, 1), Plain),
                Authenticate => AnswerTo(request, IsKnown(request) ? Numbers(0, -1, 0, 0) : Refusal, Lifetime(request)),
                _ => null,
            };
            if (answer is null)
                return false;
            await client.WriteAsync(answer, cancellationToken);
            if (KindOf(request) == Authenticate)
                return IsKnown(request);
        }
        return false;
    }

    private static byte[] Refusal
    {
        get
        {
            var reason = "The password is wrong."u8.ToArray();
            return [.. Numbers(Failed, (short)reason.Length), .. reason, .. Numbers(0, 0)];
        }
    }

    private static short KindOf(byte[] request) => BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(4));

    private static short VersionOf(byte[] request) => BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(6));

    /// <summary>Returns the content of a request after the name of its client.</summary>
    private static ReadOnlySpan<byte> ContentOf(byte[] request) =>
        request.AsSpan(
            HeaderLength + Math.Max((short)0, BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(HeaderLength - 2))));

    private static bool IsPlain(byte[] request) => ContentOf(request).SequenceEqual(Plain);

    private bool IsKnown(byte[] request) =>
        ContentOf(request)[4..].SequenceEqual(Encoding.UTF8.GetBytes($"\0{name}\0{password}"));

    /// <summary>Returns the session lifetime, 0 for unlimited. Only version 1 and later contain it.</summary>
    private static byte[] Lifetime(byte[] request) => VersionOf(request) > 0 ? new byte[8] : Nothing;

    private static byte[] AnswerTo(byte[] request, params ReadOnlySpan<byte[]> content) =>
        KafkaFrame.Of([request[8..12], .. content]);

    /// <summary>Returns the supported versions of the broker, extended by those of SASL.</summary>
    private static async Task<byte[]?> AddSaslVersions(
        byte[] request, Stream broker, CancellationToken cancellationToken)
    {
        await broker.WriteAsync(request, cancellationToken);
        if (await KafkaFrame.Read(broker, cancellationToken) is not { } answer)
            return null;
        if (BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(8)) != 0)
            return answer; // The broker requires another version of the request.
        if (VersionOf(request) >= FirstCompactVersion)
        {
            answer[10] += 2; // The count is below 128, so it is one byte.
            return KafkaFrame.Of(
                answer[4..11],
                Numbers(Handshake, 0, 1),
                [0],
                Numbers(Authenticate, 0, 1),
                [0],
                answer[11..]);
        }
        BinaryPrimitives.WriteInt32BigEndian(
            answer.AsSpan(10), BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(10)) + 2);
        return KafkaFrame.Of(answer[4..14], Numbers(Handshake, 0, 1, Authenticate, 0, 1), answer[14..]);
    }

    private static byte[] Numbers(params ReadOnlySpan<short> numbers)
    {
        var bytes = new byte[numbers.Length * 2];
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(i * 2), numbers[i]);
        return bytes;
    }
}
