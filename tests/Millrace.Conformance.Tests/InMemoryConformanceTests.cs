using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

public sealed class InMemoryConformanceTests : StorageConformance
{
    public static TheoryData<string> CheckNames =>
        new(ChecksFor(StorageFeatures.Reopens | StorageFeatures.IsShared | StorageFeatures.ReplacesContents)
            .Select(check => check.Name));

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    protected override ValueTask<IStorage> Create(CancellationToken cancellationToken) => new(new InMemoryStorage());

    // The storage object contains the data, and several nodes can share it.
    protected override ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
        new(disposed);

    protected override ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) => new(open);
}
