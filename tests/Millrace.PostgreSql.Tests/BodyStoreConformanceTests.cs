using Millrace.Messaging;
using Millrace.Messaging.Bodies;
using Millrace.Testing;

namespace Millrace.PostgreSql.Tests;

/// <summary>Runs the conformance checks of the body store with two nodes on one database.</summary>
public sealed class BodyStoreConformanceTests : BodyStoreConformance, IAsyncLifetime
{
    private SharedDatabase _database = null!; // Created before each test.

    public static TheoryData<string> CheckNames => new(Checks);

    [PostgreSqlTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public async Task InitializeAsync() => _database = await SharedDatabase.Create();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    protected override async ValueTask<IBodyStore> Create(CancellationToken cancellationToken) =>
        new DatabaseBodyStore(await _database.Open(cancellationToken));
}
