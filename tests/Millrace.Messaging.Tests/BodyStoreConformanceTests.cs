using Millrace.Messaging.Bodies;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Bodies in a folder.</summary>
public sealed class BodyStoreConformanceTests : BodyStoreConformance, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-");

    public static TheoryData<string> Promises => new(Checks);

    [Theory]
    [MemberData(nameof(Promises))]
    public Task Keeps_its_promise(string check) => Run(check);

    public void Dispose() => _folder.Delete(recursive: true);

    protected override ValueTask<IBodyStore> Create(CancellationToken cancellationToken) =>
        new(new FolderBodyStore(_folder.FullName));
}
