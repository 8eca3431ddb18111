using System.Security.Cryptography;

namespace Millrace.Protection;

/// <summary>A random master key that ends with the process.</summary>
internal sealed class InMemoryMasterKey : IMasterKey
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(DataKey.SecretBytes);

    public string Id { get; } = "memory-" + KeyIds.New();

    public ValueTask Open(KeyStoreIdentity keyStore, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<byte[]> Wrap(
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> context, CancellationToken cancellationToken) =>
        new(KeyWrap.Wrap(_key, key.Span, context.Span));

    public ValueTask<byte[]> Unwrap(
        ReadOnlyMemory<byte> wrapped, ReadOnlyMemory<byte> context, CancellationToken cancellationToken) =>
        new(KeyWrap.Unwrap(_key, wrapped.Span, context.Span));
}
