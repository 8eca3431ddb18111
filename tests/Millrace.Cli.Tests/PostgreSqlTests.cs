using Servers;

namespace Millrace.Cli.Tests;

/// <summary>Tests the tool on a database. An address can replace the file name in every command.</summary>
public sealed class PostgreSqlTests : IAsyncLifetime, IDisposable
{
    private readonly Tool _tool = new();
    private PostgreSqlServer? _server;
    private string _address = "";

    public async Task InitializeAsync()
    {
        if (PostgreSqlPrograms.ReasonToSkip is not null)
            return;
        _server = await PostgreSqlServer.Start();
        _address = $"postgres://owner:geheim@127.0.0.1:{_server.Port}/{await _server.CreateDatabase()}";
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    public void Dispose() => _tool.Dispose();

    [PostgreSqlFact]
    public async Task A_store_is_created_only_on_request()
    {
        var none = await _tool.Run("info", "--store", _address);

        Assert.Equal(5, none.ExitCode);
        Assert.Contains("millrace schema", none.Error, StringComparison.Ordinal);
        await Append("order-1", "{\"total\":12.5}", "--create");
        Assert.Equal(
            1, (await _tool.RunOk("info", "--json", "--store", _address)).Json.GetProperty("events").GetInt64());
    }

    [PostgreSqlFact]
    public async Task Commands_work_on_a_database_like_on_a_file()
    {
        await Append("order-1", "{\"total\":1}", "--create");
        await Append("order-1", "{\"total\":2}");
        await Append("order-2", "{\"total\":3}");

        var read = await _tool.RunOk("read", "order-1", "--json", "--store", _address);
        Assert.Contains("\"total\":2", read.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await _tool.RunOk("tail", "--json", "--store", _address)).Output.Trim().Split('\n').Length);
        var counted = await _tool.RunOk("count", "--stream", "order-1", "--json", "--store", _address);
        Assert.Equal(2, counted.Json.GetProperty("events").GetInt64());
        Assert.Contains(
            "order-2", (await _tool.RunOk("streams", "--store", _address)).Output, StringComparison.Ordinal);
        await _tool.RunOk("verify", "--store", _address);
        await _tool.RunOk("stats", "--store", _address);
        await _tool.RunOk("consumers", "list", "--store", _address);
        await _tool.RunOk("doctor", "--json", "--store", _address);
        var conflict = await _tool.Run(
            "append", "order-1", "--type", "order.noted", "--data", "1", "--expect", "1", "--store", _address);
        Assert.Equal(4, conflict.ExitCode);
    }

    [PostgreSqlFact]
    public async Task A_store_moves_from_a_database_into_a_file_and_back()
    {
        await Append("order-1", "{\"total\":1}", "--create");
        await Append("order-2", "{\"total\":2}");
        // The server is started before the test.
        var other = $"postgres://owner@127.0.0.1:{_server!.Port}/{await _server.CreateDatabase()}";

        await _tool.RunOk("export", "shop.jsonl", "--store", _address);
        await _tool.RunOk("import", "shop.jsonl", "--create", "--store", "copy.db");
        await _tool.RunOk("import", "shop.jsonl", "--create", "--store", other);

        var expected = (await _tool.RunOk("tail", "--json", "--store", _address)).Output;
        Assert.Equal(expected, (await _tool.RunOk("tail", "--json", "--store", "copy.db")).Output);
        Assert.Equal(expected, (await _tool.RunOk("tail", "--json", "--store", other)).Output);
    }

    [PostgreSqlFact]
    public async Task A_backup_is_refused_and_the_error_names_the_database_tools()
    {
        await Append("order-1", "1", "--create");

        var refused = await _tool.Run("backup", "shop-backup.db", "--store", _address);

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("pg_dump", refused.Error, StringComparison.Ordinal);
        Assert.Contains("millrace backup backups/", refused.Error, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_backup_to_a_place_is_restored_to_a_file_and_to_another_database()
    {
        await Append("order-1", "1", "--create");
        await Append("order-1", "2");
        await _tool.RunOk("backup", "backups/", "--store", _address);
        var empty = $"postgres://owner:geheim@127.0.0.1:{_server!.Port}/{await _server.CreateDatabase()}";

        var toFile = await _tool.RunOk("restore", "backups", "restored.db", "--yes", "--json");
        var toDatabase = await _tool.RunOk("restore", "backups", empty, "--yes", "--json");
        var again = await _tool.Run("restore", "backups", empty, "--yes");

        Assert.Equal(2, toFile.Json.GetProperty("logEpoch").GetInt64());
        Assert.Equal(2, toDatabase.Json.GetProperty("position").GetInt64());
        Assert.DoesNotContain("geheim", toDatabase.Output, StringComparison.Ordinal);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("is not empty", again.Error, StringComparison.Ordinal);
        foreach (var store in new[] { "restored.db", empty })
        {
            await _tool.RunOk("verify", "--store", store);
            var read = await _tool.RunOk("read", "order-1", "--store", store, "--json");
            Assert.Equal(2, read.Lines.Length);
        }
    }

    [PostgreSqlFact]
    public async Task A_restored_copy_on_the_same_server_starts_an_epoch_on_request()
    {
        await Append("order-1", "1", "--create");
        var copy = $"{_address}_copy";
        // The server is started before the test.
        await _server!.Execute($"CREATE DATABASE {NameIn(copy)} TEMPLATE {NameIn(_address)}");
        var before = await _tool.RunOk("info", "--json", "--store", copy); // The copy has the epoch of its original.

        var started = await _tool.RunOk("begin-log-epoch", "--reason", "restored", "--yes", "--json", "--store", copy);

        Assert.Equal(
            before.Json.GetProperty("logEpoch").GetInt64() + 1, started.Json.GetProperty("logEpoch").GetInt64());
        var after = await _tool.RunOk("info", "--json", "--store", copy);
        Assert.Equal(started.Json.GetProperty("logEpoch").GetInt64(), after.Json.GetProperty("logEpoch").GetInt64());
    }

    private static string NameIn(string address) => address[(address.LastIndexOf('/') + 1)..];

    [PostgreSqlFact]
    public async Task The_password_is_never_shown()
    {
        await Append("order-1", "1", "--create");
        string[][] calls =
        [
            ["info"],
            ["info", "--json"],
            ["doctor"],
            ["doctor", "--json"],
            ["read", "none"],
            ["backup", "x.db"],
        ];

        foreach (var call in calls)
        {
            var run = await _tool.Run([.. call, "--store", _address]);
            Assert.DoesNotContain("geheim", run.Output + run.Error, StringComparison.Ordinal);
        }
    }

    [PostgreSqlFact]
    public async Task The_printed_schema_gives_a_role_without_rights_the_rights_it_needs()
    {
        var database = await _server!.CreateDatabase(); // The server is started before the test.
        await _server.Execute("CREATE ROLE shop LOGIN");

        var script = await _tool.RunOk("schema", "--role", "shop");
        await _server.RunScript(script.Output, database);

        await _tool.RunOk(
            "append",
            "order-1",
            "--type",
            "order.noted",
            "--data",
            "1",
            "--store",
            $"postgres://shop@127.0.0.1:{_server.Port}/{database}"
        );
    }

    [Fact]
    public async Task Invalid_schema_names_are_refused()
    {
        var refused = await _tool.Run("schema", "--log-schema", "a; DROP TABLE b");

        Assert.Equal(2, refused.ExitCode);
    }

    private Task<ToolRun> Append(string stream, string data, params string[] options) =>
        _tool.RunOk(["append", stream, "--type", "order.noted", "--data", data, "--store", _address, .. options]);
}
