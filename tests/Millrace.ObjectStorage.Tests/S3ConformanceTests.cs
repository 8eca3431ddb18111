using Millrace.Storage.Objects;
using Millrace.Testing;

namespace Millrace.ObjectStorage.Tests;

[Collection(ObjectServersCollection.Name)]
public sealed class S3ConformanceTests(ObjectServers servers) : ObjectStorageConformance
{
    private const string Slow = "More than a thousand objects are listed once and in order";

    public static TheoryData<string> CheckNames => new(Checks.Where(check => check != Slow));

    [ObjectServersTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    [ObjectServersFact]
    [Trait(TestRun.Kind, TestRun.Long)] // Eight seconds. PlaceTests has the same, with short pages.
    public Task Passes_the_conformance_check_of_many_objects() => Run(Slow);

    protected override ValueTask<IObjectStorage> Create(CancellationToken cancellationToken) =>
        new(new SwiftReads(servers.Open(ObjectServer.S3)));
}
