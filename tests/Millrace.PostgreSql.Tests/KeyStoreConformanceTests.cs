using Millrace.Testing;

namespace Millrace.PostgreSql.Tests;

/// <summary>Runs the conformance checks of key stores. Each key store has a database.</summary>
public sealed class KeyStoreConformanceTests : KeyStoreConformance, IAsyncLifetime
{
    private readonly Dictionary<IKeyStore, string> _databases = [];

    public static TheoryData<string> CheckNames => new(Checks);

    protected override TimeSpan CheckTimeout => TimeSpan.FromMinutes(3); // Other tests and builds share the processor.

    private string? PooledConnection { get; set; }

    [PostgreSqlTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    [PgBouncerFact]
    public async Task All_checks_pass_behind_a_pool_that_assigns_another_connection_to_each_transaction()
    {
        await using var pool = await PgBouncer.Start((await TestServer.Server).Port, connections: 4);
        PooledConnection = $"Host=127.0.0.1;Port={pool.Port};Username={PostgreSqlServer.Superuser}";

        var report = await RunAll();

        Assert.Empty(report.Failed);
        Assert.Equal(Checks, report.Passed);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var database in _databases.Values.Distinct())
            await (await TestServer.Server).DropDatabase(database);
    }

    protected override async ValueTask<IKeyStore> Create(CancellationToken cancellationToken) =>
        await Open(await (await TestServer.Server).CreateDatabase());

    protected override async ValueTask<IKeyStore> OpenAnother(IKeyStore first, CancellationToken cancellationToken) =>
        await Open(_databases[first]);

    private async Task<PostgreSqlKeyStore> Open(string database)
    {
        var keys = new PostgreSqlKeyStore(
            PooledConnection is { } pooled
                ? $"{pooled};Database={database}"
                : (await TestServer.Server).ConnectionString(database));
        _databases.Add(keys, database);
        return keys;
    }
}
