using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

/// <summary>
/// A tenant's part of a storage that several share keeps every promise of a storage, but for what concerns the whole: as long as the
/// others are silent, even the positions are those of a storage of its own.
/// </summary>
public sealed class TenantConformanceTests : StorageConformance
{
    private static readonly string[] OfWhole =
    [
        "The information about a store counts what it holds", // Its types are not counted.
        "A store that was used in every way is found sound",
        "A new epoch of the log is counted, and everything else stays",
    ];

    private readonly InMemoryStorage _shared = new();

    public static TheoryData<string> Promises => new(
        ChecksFor(StorageFeatures.Reopens | StorageFeatures.IsShared).Select(check => check.Name).Except(OfWhole));

    [Theory]
    [MemberData(nameof(Promises))]
    public Task Keeps_its_promise(string check) => Run(check);

    protected override ValueTask<IStorage> Create(CancellationToken cancellationToken) => new(Part());

    protected override ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) => new(Part());

    protected override ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) => new(Part());

    private IStorage Part() => Tenants.PartOf(_shared, new TenantId("acme"));
}
