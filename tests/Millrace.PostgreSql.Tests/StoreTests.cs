namespace Millrace.PostgreSql.Tests;

/// <summary>The base class of tests on a separate empty store.</summary>
public abstract class StoreTests : IAsyncLifetime
{
    private protected string Database { get; private set; } = "";

    public async Task InitializeAsync()
    {
        if (PostgreSqlPrograms.ReasonToSkip is null)
            Database = await TestServer.CreateStore();
    }

    public async Task DisposeAsync()
    {
        if (Database.Length > 0)
            await TestServer.Return(Database);
    }
}
