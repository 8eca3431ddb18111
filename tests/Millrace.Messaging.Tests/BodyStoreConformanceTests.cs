using Millrace.Messaging.Bodies;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Runs the conformance checks of body stores on the folder store.</summary>
public sealed class BodyStoreConformanceTests : BodyStoreConformance, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-");

    public static TheoryData<string> CheckNames => new(Checks);

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public void Dispose() => _folder.Delete(recursive: true);

    protected override ValueTask<IBodyStore> Create(CancellationToken cancellationToken) =>
        new(new FolderBodyStore(_folder.FullName));
}
