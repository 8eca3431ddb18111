using Millrace.Storage.Objects;

namespace Millrace.Tests.Backups;

/// <summary>Object storage that calls a test before it stores an object.</summary>
internal sealed class HookedObjectStorage(IObjectStorage inner) : IObjectStorage
{
    public Func<string, CancellationToken, Task> Putting { get; set; } = (_, _) => Task.CompletedTask;

    public string Description => inner.Description;

    public async ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await Putting(name, cancellationToken);
        await inner.Put(name, content, cancellationToken);
    }

    public ValueTask<ReadOnlyMemory<byte>?> Get(string name, CancellationToken cancellationToken) =>
        inner.Get(name, cancellationToken);

    public IAsyncEnumerable<StoredObject> List(string prefix, CancellationToken cancellationToken) =>
        inner.List(prefix, cancellationToken);

    public ValueTask Delete(string name, CancellationToken cancellationToken) => inner.Delete(name, cancellationToken);
}
