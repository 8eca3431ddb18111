using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.PostgreSql.Tests;

public sealed class ConformanceTests : StorageConformance, IAsyncLifetime
{
    private string _database = "";

    public static TheoryData<string> CheckNames =>
        new(
            ChecksFor(StorageFeatures.Reopens | StorageFeatures.IsShared | StorageFeatures.RunsStatements)
                .Select(check => check.Name));

    [PostgreSqlTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public async Task InitializeAsync() => _database = await TestServer.CreateStore();

    public Task DisposeAsync() => TestServer.Return(_database);

    protected override async ValueTask<IStorage> Create(CancellationToken cancellationToken) =>
        new PostgreSqlStorage(await TestServer.Options(_database));

    protected override ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
        Create(cancellationToken);

    protected override ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) =>
        Create(cancellationToken);
}
