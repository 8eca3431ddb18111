using System.Diagnostics;
using System.Globalization;
using System.Text;
using Millrace.Sqlite;

namespace Millrace.Cli.Tests;

/// <summary>
/// Tests that a repeated, refused or interrupted import leaves the existing events and imports only the first lines of
/// the file.
/// </summary>
public sealed class ImportOrderTests : IDisposable
{
    // A stream whose first events were removed and that was deleted and restarted.
    private static readonly string[] RestartedStream =
    [
        Line("s", 4, 1),
        Line("s", 5, 2),
        Deleted("s", 5, 3),
        Line("s", 6, 4),
    ];

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_repeated_import_with_renumbering_does_not_repeat_a_deletion()
    {
        var first = await Import(RestartedStream, "--renumber");
        var dryRun = await Import(RestartedStream, "--renumber", "--dry-run");
        var again = await Import(RestartedStream, "--renumber");

        Assert.Equal((3, 0, 1), Counts(first));
        Assert.Equal((0, 4, 0), Counts(dryRun));
        Assert.Equal((0, 4, 0), Counts(again));
        Assert.Equal(3, (await _tool.RunOk("read", "s", "--json")).Json.GetProperty("version").GetInt64());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_import_interrupted_around_a_deletion_continues(int lines)
    {
        await Import(RestartedStream[..lines], "--renumber");
        await Import(RestartedStream, "--renumber");

        Assert.Equal(3, (await _tool.RunOk("read", "s", "--json")).Json.GetProperty("version").GetInt64());
        Assert.Equal(3, (await _tool.RunOk("count", "--json")).Json.GetProperty("events").GetInt64());
    }

    [Fact]
    public async Task A_deletion_in_the_file_does_not_delete_later_events_of_the_application()
    {
        await Import(RestartedStream[..2], "--renumber");
        await _tool.Append("s", "sale.made", "{}");

        var run = await Import(RestartedStream, "--renumber");

        Assert.Equal(4, run.ExitCode);
        Assert.StartsWith("Line 3: ", run.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, (await _tool.RunOk("read", "s", "--json")).Lines.Length);
    }

    [Fact]
    public async Task A_deletion_without_a_version_is_applied_once()
    {
        string[] lines = [Line("s", 1, 1), Deleted("s", null, 2), Line("s", 2, 3)];

        await Import(lines);
        var again = await Import(lines);

        Assert.Equal((0, 3, 0), Counts(again));
        Assert.Equal(2, (await _tool.RunOk("read", "s", "--json")).Json.GetProperty("version").GetInt64());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_rejected_first_line_nothing_is_imported(bool isAfterKilledImport)
    {
        if (isAfterKilledImport)
            await LeaveClaim();
        string[] good = [.. Enumerable.Range(1, 5).Select(version => Line("s", version, 1 + version))];

        var run = await Import([Line("gap", 3, 1), .. good]);
        var stored = (await _tool.RunOk("count", "--json")).Json.GetProperty("events").GetInt64();
        var repaired = await Import(good);

        Assert.Equal(4, run.ExitCode);
        Assert.StartsWith("Line 1: ", run.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, stored);
        Assert.Equal((5, 0, 0), Counts(repaired));
    }

    /// <summary>Leaves the claim that a killed import did not release.</summary>
    private async Task LeaveClaim()
    {
        await using var store = await EventStore.Open(new SqliteStorage(_tool.File("shop.db")), EventTypeMap.Empty);
        await store.Append(new AppendRequest().With(Claim.Acquire("millrace-import", "turn", "killed")));
    }

    [Fact]
    public async Task A_file_with_a_gap_is_imported_up_to_the_gap_and_the_hint_leads_to_a_complete_import()
    {
        string[] lines =
        [
            .. Enumerable.Range(1, 20).Select(number =>
                Line("s-" + (number % 3), ((number - 1) / 3) + (number == 6 ? 2 : 1), number)),
        ];

        var refused = await Import(lines);
        var count = await _tool.RunOk("count", "--json");
        var renumbered = await Import(lines, "--renumber");
        var order = await _tool.RunOk("replay");

        Assert.Equal(4, refused.ExitCode);
        Assert.StartsWith("Line 6: ", refused.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains(
            "5 events before it were imported",
            refused.ErrorJson.GetProperty("hint").GetString(),
            StringComparison.Ordinal);
        Assert.Equal(5, count.Json.GetProperty("events").GetInt64());
        Assert.Equal((15, 5, 0), Counts(renumbered));
        Assert.Equal(
            Enumerable.Range(1, 20).Select(IdOf),
            order.Lines.Select(line =>
                System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("id").GetGuid()));
    }

    [Fact]
    public async Task Existing_events_among_new_ones_are_skipped_and_later_ones_are_imported()
    {
        string[] lines = [.. Enumerable.Range(1, 9).Select(number => Line("s", null, number))];
        await Import([lines[0], lines[3], lines[8]], "--retime");

        var all = await Import(lines, "--retime");
        var again = await Import(lines, "--retime");

        Assert.Equal((6, 3, 0), Counts(all));
        Assert.Equal((0, 9, 0), Counts(again));
    }

    [Fact]
    public async Task A_dry_run_refuses_the_same_removals_as_an_import()
    {
        string[][] files =
        [
            [Line("s", 1, 1), Closed("s", 2), Line("s", 2, 3)],
            [Line("s", 1, 1), Deleted("t", null, 2)],
            [Line("s", 1, 1), Deleted("s", 1, 2), Line("s", 3, 3), Deleted("s", 7, 4)],
            [Line("s", 1, 1), Deleted("s", 1, 2), Deleted("s", 1, 3), Line("s", 2, 4), Closed("s", 5), Closed("s", 6)],
        ];
        foreach (var (number, lines) in files.Index())
        {
            var dryRun = await ImportInto($"trial-{number}.db", lines, "--dry-run");
            var imported = await ImportInto($"trial-{number}.db", lines);

            Assert.Equal(
                (imported.ExitCode, Message(imported)),
                (dryRun.ExitCode, Message(dryRun)));
            if (imported.ExitCode == 0)
                Assert.Equal(Counts(imported), Counts(dryRun));
        }
    }

    [ShellFact("kill")]
    public async Task An_interrupted_import_reports_the_imported_events()
    {
        await _tool.Append("other", "sale.made", "{}");
        using var limit = new CancellationTokenSource(Tool.Limit);
        using var import = _tool.Start("import", "--store", "shop.db", "--retime", "--json");
        for (var number = 1; number <= 1_500; number++)
            await import.StandardInput.WriteLineAsync(Line("s", null, number).AsMemory(), limit.Token);
        await import.StandardInput.FlushAsync(limit.Token);
        await _tool.RunUntil(["count", "--json"], run => run.Json.GetProperty("events").GetInt64() >= 1_001);

        using (var kill = Process.Start("kill", ["-INT", import.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(limit.Token);
        var error = await import.StandardError.ReadToEndAsync(limit.Token);
        await import.WaitForExitAsync(limit.Token);

        Assert.Equal(130, import.ExitCode);
        Assert.Contains("\"error\":\"interrupted\"", error, StringComparison.Ordinal);
        Assert.Contains("1,000 events before it were imported", error, StringComparison.Ordinal);
    }

    private static string Message(ToolRun run) =>
        run.ExitCode == 0 ? "" : run.ErrorJson.GetProperty("message").GetString()!;

    private static Guid IdOf(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

    private static string Line(string stream, int? version, int number) =>
        $"{{\"specversion\":\"1.0\",\"id\":\"{IdOf(number)}\",\"source\":\"/a\","
        + $"\"type\":\"sale.made\",\"subject\":\"{stream}\","
        + (version is null ? "" : $"\"millraceversion\":\"{version}\",")
        + $"\"time\":\"{Time(number)}\",\"data\":{{\"number\":{number}}}}}";

    private static string Deleted(string stream, int? version, int number) => Removal("deleted", stream, number)
        + (version is null ? "}" : $",\"millraceversion\":\"{version}\"}}");

    private static string Closed(string stream, int number) => Removal("closed", stream, number) + "}";

    private static string Removal(string kind, string stream, int number) =>
        $"{{\"specversion\":\"1.0\",\"id\":\"{kind}-{number}\",\"source\":\"/a\","
        + $"\"type\":\"millrace.stream.{kind}\",\"subject\":\"{stream}\","
        + $"\"time\":\"{Time(number)}\",\"millracerecord\":\"{kind}\"";

    private static string Time(int number) => $"2020-01-01T{number / 3600:00}:{number / 60 % 60:00}:{number % 60:00}Z";

    private static (long Imported, long Skipped, long Removals) Counts(ToolRun run) =>
        (run.Json.GetProperty("imported").GetInt64(), run.Json.GetProperty("skipped").GetInt64(),
            run.Json.GetProperty("removals").GetInt64());

    private Task<ToolRun> Import(string[] lines, params string[] options) => ImportInto("shop.db", lines, options);

    private Task<ToolRun> ImportInto(string store, string[] lines, params string[] options) => _tool.RunWith(
        Encoding.UTF8.GetBytes(string.Join('\n', lines)),
        ["import", "--store", store, "--create", "--json", .. options]);
}
