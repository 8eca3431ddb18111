using Millrace.Storage.Objects;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

public sealed class DirectoryObjectStorageConformanceTests : ObjectStorageConformance, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-objects-").FullName;

    public static TheoryData<string> CheckNames => new(Checks);

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    protected override ValueTask<IObjectStorage> Create(CancellationToken cancellationToken) =>
        new(new DirectoryObjectStorage(_directory));
}
