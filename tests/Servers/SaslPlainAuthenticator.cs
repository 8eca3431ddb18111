using System.Buffers.Binary;
using System.Text;

namespace Servers;

/// <summary>
/// Lets clients through that say who they are by SASL's PLAIN, as brokers of Kafka ask for it: the versions, then the
/// mechanism, then name and password. Until then it lets nothing else through.
/// </summary>
/// <param name="name">Who is let in.</param>
/// <param name="password">By what.</param>
internal sealed class SaslPlainAuthenticator(string name, string password)
{
    private const short Versions = 18;
    private const short Handshake = 17;
    private const short Authenticate = 36;
    private const short UnsupportedMechanism = 33;
    private const short Failed = 58;
    private const int NewFormFrom = 3; // Of the versions' answer: lengths are shorter there.
    private const int HeaderLength = 14; // The length, kind, version, number, and the length of the client's name.

    private static readonly byte[] Plain = "\0\x05PLAIN"u8.ToArray();
    private static readonly byte[] Nothing = [];

    /// <summary>Asks a client who it is. False when it is not let in.</summary>
    public async Task<bool> AuthenticateClient(Stream client, Stream broker, CancellationToken cancellationToken)
    {
        while (await KafkaFrame.Read(client, cancellationToken) is { } request)
        {
            var answer = KindOf(request) switch
            {
                Versions => await WithSasl(request, broker, cancellationToken),
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
            var why = "This is not the password."u8.ToArray();
            return [.. Numbers(Failed, (short)why.Length), .. why, .. Numbers(0, 0)];
        }
    }

    private static short KindOf(byte[] request) => BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(4));

    private static short VersionOf(byte[] request) => BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(6));

    /// <summary>What a request says behind the name of its client.</summary>
    private static ReadOnlySpan<byte> ContentOf(byte[] request) =>
        request.AsSpan(
            HeaderLength + Math.Max((short)0, BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(HeaderLength - 2))));

    private static bool IsPlain(byte[] request) => ContentOf(request).SequenceEqual(Plain);

    private bool IsKnown(byte[] request) =>
        ContentOf(request)[4..].SequenceEqual(Encoding.UTF8.GetBytes($"\0{name}\0{password}"));

    /// <summary>How long it holds, which only newer versions ask for: for ever.</summary>
    private static byte[] Lifetime(byte[] request) => VersionOf(request) > 0 ? new byte[8] : Nothing;

    private static byte[] AnswerTo(byte[] request, params ReadOnlySpan<byte[]> content) =>
        KafkaFrame.Of([request[8..12], .. content]);

    /// <summary>The broker's answer to what versions it knows, with those of SASL.</summary>
    private static async Task<byte[]?> WithSasl(byte[] request, Stream broker, CancellationToken cancellationToken)
    {
        await broker.WriteAsync(request, cancellationToken);
        if (await KafkaFrame.Read(broker, cancellationToken) is not { } answer)
            return null;
        if (BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(8)) != 0)
            return answer; // It asks for another version of the question.
        if (VersionOf(request) >= NewFormFrom)
        {
            answer[10] += 2; // There are fewer than a hundred, so it is one byte.
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
