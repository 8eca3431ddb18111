using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.PostgreSql.Tests;

public sealed class ConformanceTests : StorageConformance, IAsyncLifetime
{
    private string _database = "";
    private bool _hasMoved;

    public static TheoryData<string> CheckNames =>
        new(
            ChecksFor(
                StorageFeatures.Reopens | StorageFeatures.IsShared | StorageFeatures.RunsStatements
                    | StorageFeatures.Moves | StorageFeatures.ReplacesContents)
                .Select(check => check.Name));

    [PostgreSqlTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check)
    {
        _hasMoved = Checks.Single(one => one.Name == check).Needs.HasFlag(StorageFeatures.Moves);
        return Run(check);
    }

    public async Task InitializeAsync() => _database = await TestServer.CreateStore();

    public async Task DisposeAsync()
    {
        // A store that was moved refuses to be emptied.
        if (_hasMoved)
            await (await TestServer.Server).DropDatabase(_database);
        else
            await TestServer.Return(_database);
    }

    protected override async ValueTask<IStorage> Create(CancellationToken cancellationToken) =>
        new PostgreSqlStorage(await TestServer.Options(_database));

    protected override ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
        Create(cancellationToken);

    protected override ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) =>
        Create(cancellationToken);
}
