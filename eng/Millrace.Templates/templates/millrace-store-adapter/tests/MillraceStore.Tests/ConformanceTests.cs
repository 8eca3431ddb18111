using Millrace.Storage;
using Millrace.Testing;

namespace Store1Space.Tests;

/// <summary>Every promise that a storage makes, a test each.</summary>
public sealed class ConformanceTests : StorageConformance
{
    /// <summary>What the storage offers beyond what every one must; more checks come with each.</summary>
    private const StorageFeatures Features = StorageFeatures.None;

    public static TheoryData<string> Promises => new(ChecksFor(Features).Select(check => check.Name));

    [Theory]
    [MemberData(nameof(Promises))]
    public Task Keeps_its_promise(string check) => Run(check);

    protected override ValueTask<IStorage> Create(CancellationToken cancellationToken) => new(new DatabaseStorage("test"));
}
