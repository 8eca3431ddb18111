using Millrace.Storage.Objects;
using Millrace.Testing;

namespace Millrace.ObjectStorage.Tests;

[Collection(ObjectServersCollection.Name)]
public sealed class AzureConformanceTests(ObjectServers servers) : ObjectStorageConformance
{
    public static TheoryData<string> CheckNames => new(Checks);

    [ObjectServersTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    protected override ValueTask<IObjectStorage> Create(CancellationToken cancellationToken) =>
        new(servers.Open(ObjectServer.Azure));
}
