using System.Text.Json;

namespace Millrace.Cli.Tests;

/// <summary>Tests SQL statements of the tool.</summary>
public sealed class SqlTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_statement_is_answered_as_table_csv_and_json()
    {
        await Append("order-1", """{"amount":10.50,"note":"a, \"b\"","lines":[1,2]}""");
        await Append("order-2", """{"amount":7,"note":"","paid":true}""");
        const string Statement = "SELECT stream, amount, note, lines, paid FROM event_order_placed ORDER BY stream";

        var table = await _tool.RunOk("sql", Statement);
        var csv = await _tool.RunOk("sql", Statement, "--format", "csv");
        var json = await _tool.RunOk("sql", Statement, "--json");

        Assert.Contains("10.50", table.Output, StringComparison.Ordinal);
        Assert.Equal(
            "stream,amount,note,lines,paid\r\norder-1,10.50,\"a, \"\"b\"\"\",\"[1,2]\",\r\norder-2,7.00,\"\",,true\r\n",
            csv.Output);
        Assert.Equal(2, json.Json.GetProperty("position").GetInt64());
        Assert.Equal(
            """[["order-1",10.50,"a, \"b\"",[1,2],null],["order-2",7.00,"",null,true]]""",
            json.Json.GetProperty("rows").GetRawText());
        Assert.Equal(
            ["VARCHAR", "DECIMAL(4,2)", "VARCHAR", "JSON", "BOOLEAN"],
            json.Json.GetProperty("columns").EnumerateArray().Select(Type));

        static string? Type(JsonElement column) => column.GetProperty("type").GetString();
    }

    [Fact]
    public async Task A_statement_comes_from_a_file_or_the_standard_input()
    {
        await Append("order-1", "{}");
        await File.WriteAllTextAsync(_tool.File("count.sql"), "-- all\nSELECT count(*) AS events\nFROM events;\n");

        var fromFile = await _tool.RunOk("sql", "-f", "count.sql", "--format", "csv");
        var fromInput = await _tool.RunWith("SELECT 'é' AS text"u8.ToArray(), "sql", "--format", "csv");

        Assert.Equal("events\r\n1\r\n", fromFile.Output);
        Assert.Equal("text\r\né\r\n", fromInput.Output);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("json")]
    [InlineData("table")]
    [InlineData("parquet")]
    public async Task Answers_are_written_to_new_files(string format)
    {
        await Append("order-1", """{"amount":1}""");
        string[] arguments = ["sql", "FROM event_order_placed", "--format", format, "-o", "out.file"];

        await _tool.RunOk(arguments);
        var again = await _tool.Run(arguments);

        Assert.True(new FileInfo(_tool.File("out.file")).Length > 0);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("already exists", again.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_tool.File("out.file.part")));
    }

    [Fact]
    public async Task Cut_answers_are_reported()
    {
        await Append("order-1", "{}");

        var run = await _tool.RunOk("sql", "FROM range(5)", "-n", "3", "--format", "csv");

        Assert.Equal("range\r\n0\r\n1\r\n2\r\n", run.Output);
        Assert.Contains("3 rows. The statement has more", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_statements_and_limits_have_their_exit_codes()
    {
        await Append("order-1", "{}");
        const string Endless =
            "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE hash(a.range, b.range) = 1";

        var unknown = await _tool.Run("sql", "SELECT *\nFROM evnts", "--json");
        var writes = await _tool.Run("sql", "DELETE FROM events");
        var limited = await _tool.Run("sql", Endless, "--seconds", "0.2");
        var parquet = await _tool.Run("sql", "FROM events", "--format", "parquet");
        var both = await _tool.Run("sql", "FROM events", "-f", "x.sql");

        Assert.Equal((2, 2, 8, 2, 2), (
            unknown.ExitCode, writes.ExitCode, limited.ExitCode, parquet.ExitCode, both.ExitCode));
        Assert.StartsWith(
            "Line 2, column 6: There is no view 'evnts'.",
            unknown.ErrorJson.GetProperty("message").GetString(),
            StringComparison.Ordinal);
        Assert.Contains("Only one statement that reads", writes.Error, StringComparison.Ordinal);
        Assert.Contains("--seconds", limited.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_in_a_shared_store_sees_only_its_own_data()
    {
        await Append("order-0", "0");
        await _tool.RunOk("tenants", "create", "acme");
        await _tool.RunOk("tenants", "create", "other");
        await _tool.RunOk("append", "order-1", "--type", "order.placed", "--data", "1", "--tenant", "acme");
        await _tool.RunOk("append", "order-2", "--type", "secret.kept", "--data", "2", "--tenant", "other");

        var events = await _tool.RunOk("sql", "SELECT stream, data FROM events WHERE type LIKE 'order%' OR type LIKE "
            + "'secret%'", "--tenant", "acme", "--format", "csv");
        var views = await _tool.RunOk("sql", "SELECT name FROM views", "--tenant", "acme", "--format", "csv");

        Assert.Equal("stream,data\r\norder-1,1\r\n", events.Output);
        Assert.Contains("event_order_placed", views.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", views.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statements_are_recorded_with_their_views_if_the_store_has_an_audit_trail()
    {
        const string Endless = "SELECT count(*) FROM events, range(10000000) a, range(10000000) b "
            + "WHERE hash(a.range, b.range) = 4711";
        await Append("order-1", """{"amount":4711}""");
        await _tool.RunOk("sql", "FROM events");
        Assert.Contains("no matching entries", (await _tool.RunOk("audit", "list")).Output, StringComparison.Ordinal);
        await using (var store = await StoreFile.Open(_tool.Store))
            await AuditTrails.Of(store).Record(new AuditEntry("start", "shop", AuditResult.Succeeded), default);

        await _tool.RunOk(
            "sql", "SELECT amount FROM event_order_placed JOIN events USING (position) WHERE amount = 4711");
        await _tool.RunOk("sql", "FROM events", "--format", "parquet", "-o", "out.parquet");
        await _tool.RunOk("sql", "SELECT 4711");
        await _tool.Run("sql", "SELECT amount_4711 FROM events");
        await _tool.Run("sql", "FROM nothing_4711");
        await _tool.Run("sql", Endless, "--seconds", "5"); // The views are known before, also under load.

        var listed = await _tool.RunOk("audit", "list", "--json", "--action", "tool.sql");
        var entries = listed.Lines.Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(
            [
                "event_order_placed,events succeeded",
                "events succeeded",
                "none succeeded",
                "events failed SqlException",
                "none failed SqlException",
                "events failed SqlLimitException",
            ],
            entries.Select(static entry => string.Join(
                ' ',
                ((string[])["resource", "result", "reason"])
                    .Where(name => entry.TryGetProperty(name, out _))
                    .Select(name => entry.GetProperty(name).GetString()))));
        Assert.All(entries, static entry =>
            Assert.Equal(Environment.UserName, entry.GetProperty("user").GetString()));
        Assert.DoesNotContain(entries, static entry =>
            entry.GetProperty("resource").GetString()!.Contains("4711", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_audit_trail_names_all_views_of_a_statement_with_many_views()
    {
        string[] views = [.. Enumerable.Range(0, 8).Select(number => $"event_{new string('a', 90)}_{number}")];
        await using (var store = await StoreFile.Open(_tool.Store))
        {
            NewEvent[] events = [.. views.Select(static view => StoreFile.Event(view["event_".Length..], "{}"))];
            await store.Append(new StreamId("many-1"), ExpectedVersion.Any, events);
            await AuditTrails.Of(store).Record(new AuditEntry("start", "shop", AuditResult.Succeeded), default);
        }

        await _tool.RunOk("sql", $"SELECT count(*) FROM {string.Join(", ", views)}");

        var listed = await _tool.RunOk("audit", "list", "--json", "--action", "tool.sql");
        var resources = listed.Lines
            .Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("resource").GetString()!)
            .ToArray();
        Assert.Equal(2, resources.Length);
        Assert.Equal(views, resources.SelectMany(static names => names.Split(',')).Order(StringComparer.Ordinal));
    }

    private Task<ToolRun> Append(string stream, string data) =>
        _tool.RunOk(
            "append", stream, "--type", "order.placed", "--data", data, "--store", "shop.db", "--create");
}
