using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

/// <summary>
/// A tenant's part of a storage that several share keeps every promise of a storage, but for what concerns the whole:
/// as long as the others are silent, even the positions are those of a separate storage.
/// </summary>
public sealed class TenantConformanceTests : StorageConformance, IAsyncDisposable
{
    private static readonly string[] OfWhole =
    [
        "A store passes verification after all kinds of operations",
        "Starting a new epoch changes only the epoch of the log",
        "A new epoch is visible to other nodes",
        "Rows outside the log are removed by the prefix of their name", // It is verified in the end.
        "The epoch, the leases and the pauses are unchanged after the storage is reopened",
        "Events in removal records are not counted as lost",
    ];

    // They go to the limit of a name, which the tenant's is in as well.
    private static readonly string[] OfLongestNames =
    [
        "Streams are listed in the byte order of their names, in pages of any size",
        "Streams are listed by any prefix of their names",
        "Streams with unusual names are distinct and can be read",
    ];

    private readonly InMemoryStorage _shared = new();

    public static TheoryData<string> CheckNames =>
        new(
            ChecksFor(StorageFeatures.Reopens | StorageFeatures.IsShared)
                .Select(check => check.Name)
                .Except(OfWhole)
                .Except(OfLongestNames));

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public ValueTask DisposeAsync() => _shared.DisposeAsync();

    protected override ValueTask<IStorage> Create(CancellationToken cancellationToken) => new(Part());

    protected override ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
        new(Part());

    protected override ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) =>
        new(Part());

    private IStorage Part() => Tenants.PartOf(_shared, new TenantId("acme"));
}
