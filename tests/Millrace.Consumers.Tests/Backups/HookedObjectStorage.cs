using Millrace.Storage.Objects;

namespace Millrace.Tests.Backups;

/// <summary>Object storage that calls a test before it stores, reads or removes an object.</summary>
internal sealed class HookedObjectStorage(IObjectStorage inner) : IObjectStorage
{
    public Func<string, CancellationToken, Task> Putting { get; set; } = (_, _) => Task.CompletedTask;

    public Func<string, Task> Getting { get; set; } = _ => Task.CompletedTask;

    public Action<string> Deleting { get; set; } = _ => { };

    public string Description => inner.Description;

    public async ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await Putting(name, cancellationToken);
        await inner.Put(name, content, cancellationToken);
    }

    public async ValueTask<ReadOnlyMemory<byte>?> Get(string name, CancellationToken cancellationToken)
    {
        await Getting(name);
        return await inner.Get(name, cancellationToken);
    }

    public IAsyncEnumerable<StoredObject> List(string prefix, CancellationToken cancellationToken) =>
        inner.List(prefix, cancellationToken);

    public ValueTask Delete(string name, CancellationToken cancellationToken)
    {
        Deleting(name);
        return inner.Delete(name, cancellationToken);
    }
}
