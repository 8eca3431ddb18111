using Millrace.Storage.Objects;

namespace Millrace.ObjectStorage.Tests;

/// <summary>
/// Reads an object of Swift again if it is not found but listed. A server of Swift chooses a file and then opens it; if
/// the object is replaced between, it answers 404. With several servers, another one would be asked.
/// </summary>
internal sealed class SwiftReads(IObjectStorage storage) : IObjectStorage
{
    private const int MaxReads = 10;

    public string Description => storage.Description;

    public ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        storage.Put(name, content, cancellationToken);

    public async ValueTask<ReadOnlyMemory<byte>?> Get(string name, CancellationToken cancellationToken)
    {
        var found = await storage.Get(name, cancellationToken);
        for (var read = 1; found is null && read < MaxReads && await IsListed(name, cancellationToken); read++)
            found = await storage.Get(name, cancellationToken);
        return found;
    }

    public IAsyncEnumerable<StoredObject> List(string prefix, CancellationToken cancellationToken) =>
        storage.List(prefix, cancellationToken);

    public ValueTask Delete(string name, CancellationToken cancellationToken) =>
        storage.Delete(name, cancellationToken);

    private async ValueTask<bool> IsListed(string name, CancellationToken cancellationToken) =>
        await storage.List(name, cancellationToken).AnyAsync(stored => stored.Name == name, cancellationToken);
}
