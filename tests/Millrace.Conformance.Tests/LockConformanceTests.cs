using Millrace.Locking;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

/// <summary>Runs the conformance checks of locks in the store, with two nodes on one file.</summary>
public sealed class LockConformanceTests : LockConformance, IAsyncLifetime
{
    private SharedFile _file = null!; // Each test creates it in InitializeAsync.

    public static TheoryData<string> CheckNames => new(Checks);

    protected override TimeSpan CheckTimeout => TimeSpan.FromMinutes(3); // Long, because tests share the processor.

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public Task InitializeAsync()
    {
        _file = SharedFile.Create();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _file.DisposeAsync();

    protected override async ValueTask<ILockProvider> Create(CancellationToken cancellationToken) =>
        new StoreLockProvider(await _file.Open(cancellationToken));
}
