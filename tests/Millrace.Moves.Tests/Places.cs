using Millrace.PostgreSql;
using Millrace.Sqlite;

namespace Millrace.Moves.Tests;

/// <summary>A file and a database between which stores are moved.</summary>
internal sealed class Places : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgreSqlServer>> Server = new(() => PostgreSqlServer.Start());

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-moves-").FullName;

    private Places(PostgreSqlServer server, string database) =>
        (Database, ConnectionString) = (database, server.ConnectionString(database));

    public string Database { get; }

    public string ConnectionString { get; }

    public string File => Path.Combine(_directory, "shop.db");

    public static async Task<Places> Make()
    {
        var server = await Server.Value;
        return new Places(server, await server.CreateDatabase());
    }

    /// <summary>A storage on the file, not open.</summary>
    public SqliteStorage Sqlite() => new(new SqliteOptions { Path = File });

    /// <summary>A storage on the database, not open.</summary>
    public PostgreSqlStorage PostgreSql() => new(ConnectionString);

    /// <summary>A storage on the database whose times are the caller's, not open.</summary>
    public PostgreSqlStorage PostgreSqlOfTheNodesTime() =>
        new(new PostgreSqlOptions { ConnectionString = ConnectionString, Clock = PostgreSqlClock.Node });

    /// <summary>Runs a statement beside everything else.</summary>
    public async Task Execute(string sql) => await (await Server.Value).Execute(sql, Database);

    public async ValueTask DisposeAsync()
    {
        await (await Server.Value).DropDatabase(Database);
        Directory.Delete(_directory, recursive: true);
    }
}
