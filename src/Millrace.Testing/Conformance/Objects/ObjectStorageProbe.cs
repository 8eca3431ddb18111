using Millrace.Storage.Objects;

namespace Millrace.Testing.Conformance.Objects;

/// <summary>Has two nodes' objects for the same storage, and the operations that the checks share.</summary>
internal sealed class ObjectStorageProbe(IObjectStorage writer, IObjectStorage reader, CancellationToken cancel)
{
    private const int ConcurrentPuts = 16;

    private readonly string _unique = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^12..];

    public IObjectStorage Writer { get; } = writer;

    public IObjectStorage Reader { get; } = reader;

    public CancellationToken Cancel { get; } = cancel;

    /// <summary>Returns a name that only this check uses.</summary>
    public string Name(string suffix) => $"check-{_unique}/{suffix}";

    public static ReadOnlyMemory<byte> Bytes(int size)
    {
        var bytes = new byte[size];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    public async Task<ReadOnlyMemory<byte>> Put(string suffix, int size = 100)
    {
        var content = Bytes(size);
        await Writer.Put(Name(suffix), content, Cancel);
        return content;
    }

    /// <summary>Stores objects of one byte.</summary>
    public Task PutAll(IEnumerable<string> suffixes) => Parallel.ForEachAsync(
        suffixes,
        new ParallelOptions { MaxDegreeOfParallelism = ConcurrentPuts, CancellationToken = Cancel },
        async (suffix, cancellationToken) => await Writer.Put(Name(suffix), Bytes(1), cancellationToken));

    public async Task ExpectStored(string suffix, ReadOnlyMemory<byte> content)
    {
        var found = await Reader.Get(Name(suffix), Cancel);
        Expect.True(found is not null, $"the stored object '{suffix}' is missing");
        Expect.SameBytes(content, found!.Value, $"the object '{suffix}'"); // Checked above.
    }

    public async Task ExpectMissing(string suffix) =>
        Expect.True(await Reader.Get(Name(suffix), Cancel) is null, $"the missing object '{suffix}' was read");

    /// <summary>
    /// Lists the objects of this check whose suffixes start with a prefix, without their first segment.
    /// </summary>
    public async Task<List<StoredObject>> List(string prefix = "") =>
    [
        .. (await ListNames(Name(prefix))).Select(found => found with { Name = found.Name[Name("").Length..] }),
    ];

    public async Task<List<StoredObject>> ListNames(string prefix)
    {
        var found = new List<StoredObject>();
        await foreach (var one in Reader.List(prefix, Cancel))
        {
            Expect.True(
                one.Name.StartsWith(prefix, StringComparison.Ordinal), $"'{one.Name}' does not start with '{prefix}'");
            found.Add(one);
        }
        return found;
    }
}
