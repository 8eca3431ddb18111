using Millrace.Storage.Objects;

namespace Millrace.ObjectStorage;

/// <summary>Reads contents with a limit.</summary>
internal static class ContentReader
{
    /// <summary>
    /// Reads a whole content. An answer that ends too early is an <see cref="EndOfStreamException"/>.
    /// </summary>
    /// <exception cref="ObjectStorageException">The object is too large.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>?> Read(
        Stream stream, long size, string name, string place, CancellationToken cancellationToken)
    {
        if (size is < 0 or > ObjectName.MaxObjectBytes)
            throw new ObjectStorageException(
                $"'{name}' in {place} has {size:N0} bytes, but an object has at most 64 MiB. Remove or restore it.",
                ObjectStorageProblem.Other);
        var content = new byte[size];
        await stream.ReadExactlyAsync(content, cancellationToken).ConfigureAwait(false);
        return content;
    }

    /// <summary>Returns a stream of the content, which is not copied.</summary>
    public static Stream Open(ReadOnlyMemory<byte> content) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(content, out var array)
            ? new MemoryStream(array.Array ?? [], array.Offset, array.Count, writable: false)
            : new MemoryStream(content.ToArray(), writable: false);
}
