using Millrace.Messaging;
using Millrace.Messaging.Bodies;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

/// <summary>Runs the conformance checks of message bodies in the store, with two nodes on one file.</summary>
public sealed class BodyStoreConformanceTests : BodyStoreConformance, IAsyncLifetime
{
    private SharedFile _file = null!; // Each test creates it in InitializeAsync.

    public static TheoryData<string> CheckNames => new(Checks);

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public Task InitializeAsync()
    {
        _file = SharedFile.Create();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _file.DisposeAsync();

    protected override async ValueTask<IBodyStore> Create(CancellationToken cancellationToken) =>
        new DatabaseBodyStore(await _file.Open(cancellationToken));
}
