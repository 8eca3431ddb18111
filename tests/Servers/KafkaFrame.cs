using System.Buffers.Binary;

namespace Servers;

/// <summary>Reads and writes messages of Kafka's protocol, which have a length prefix.</summary>
internal static class KafkaFrame
{
    private const int MaxFrameBytes = 64 * 1024 * 1024;

    /// <summary>Returns the next frame, or null at the end of the stream.</summary>
    public static async Task<byte[]?> Read(Stream stream, CancellationToken cancellationToken)
    {
        var length = new byte[4];
        if (await stream.ReadAtLeastAsync(length, 4, throwOnEndOfStream: false, cancellationToken) < 4)
            return null;
        var size = BinaryPrimitives.ReadInt32BigEndian(length);
        if (size is < 0 or > MaxFrameBytes)
            return null;
        var frame = new byte[4 + size];
        length.CopyTo(frame, 0);
        await stream.ReadExactlyAsync(frame.AsMemory(4), cancellationToken);
        return frame;
    }

    /// <summary>Returns a frame of parts, with a new length prefix.</summary>
    public static byte[] Of(params ReadOnlySpan<byte[]> parts)
    {
        var frame = new List<byte>(new byte[4]);
        foreach (var part in parts)
            frame.AddRange(part);
        var bytes = frame.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - 4);
        return bytes;
    }
}
