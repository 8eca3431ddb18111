using Millrace.Storage.Objects;

namespace Millrace.Conformance.Tests.Faults;

/// <summary>Object storage in which a test replaces single operations.</summary>
internal sealed class FaultyObjectStorage(IObjectStorage inner) : IObjectStorage
{
    public Func<string, ReadOnlyMemory<byte>, CancellationToken, Task>? Putting { get; init; }

    public Func<string, CancellationToken, Task<ReadOnlyMemory<byte>?>>? Getting { get; init; }

    public Func<string, CancellationToken, IAsyncEnumerable<StoredObject>>? Listing { get; init; }

    public Func<string, CancellationToken, Task>? Deleting { get; init; }

    public string Description => inner.Description;

    public async ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await (Putting?.Invoke(name, content, cancellationToken)
            ?? inner.Put(name, content, cancellationToken).AsTask());

    public async ValueTask<ReadOnlyMemory<byte>?> Get(string name, CancellationToken cancellationToken) =>
        await (Getting?.Invoke(name, cancellationToken) ?? inner.Get(name, cancellationToken).AsTask());

    public IAsyncEnumerable<StoredObject> List(string prefix, CancellationToken cancellationToken) =>
        Listing?.Invoke(prefix, cancellationToken) ?? inner.List(prefix, cancellationToken);

    public async ValueTask Delete(string name, CancellationToken cancellationToken) =>
        await (Deleting?.Invoke(name, cancellationToken) ?? inner.Delete(name, cancellationToken).AsTask());
}
