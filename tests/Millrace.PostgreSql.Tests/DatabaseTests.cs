namespace Millrace.PostgreSql.Tests;

/// <summary>The base class of tests in a separate empty database without a store.</summary>
public abstract class DatabaseTests : IAsyncLifetime
{
    private protected string Database { get; private set; } = "";

    public async Task InitializeAsync()
    {
        if (PostgreSqlPrograms.ReasonToSkip is null)
            Database = await (await TestServer.Server).CreateDatabase();
    }

    public async Task DisposeAsync()
    {
        if (Database.Length > 0)
            await (await TestServer.Server).DropDatabase(Database);
    }
}
