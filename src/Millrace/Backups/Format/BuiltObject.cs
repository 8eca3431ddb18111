using System.Buffers;

namespace Millrace.Backups.Format;

/// <summary>
/// The bytes of a backup object in shared memory. Large arrays would otherwise make the garbage collector pause the
/// whole application for each object.
/// </summary>
internal sealed class BuiltObject(int maxLength)
{
    private byte[]? _shared = ArrayPool<byte>.Shared.Rent(maxLength);

    /// <summary>Gets the memory, which can be larger than the object.</summary>
    public Memory<byte> Memory => Shared;

    /// <summary>Gets or sets the length of the object.</summary>
    public int Length { get; set; }

    /// <summary>Gets the object.</summary>
    public ReadOnlyMemory<byte> Bytes => Memory[..Length];

    private byte[] Shared => _shared ?? throw new InvalidOperationException("The memory was returned.");

    /// <summary>Returns a stream that writes into the memory.</summary>
    public MemoryStream Open(int start) => new(Shared, start, Shared.Length - start);

    /// <summary>
    /// Returns the memory, which no one may use any more. It is not returned after a failure, because a request that
    /// timed out may still send it.
    /// </summary>
    public void Return()
    {
        ArrayPool<byte>.Shared.Return(Shared);
        _shared = null;
    }
}
