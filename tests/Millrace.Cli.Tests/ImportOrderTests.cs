using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Millrace.Cli.Tests;

/// <summary>What stands when an import is repeated, refused or interrupted: a start of the file, and all that stood
/// before.</summary>
public sealed class ImportOrderTests : IDisposable
{
    // A stream of which the start was taken out, deleted and started again.
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
    public async Task Repeated_with_new_numbers_it_deletes_nothing_that_came_after_a_deletion()
    {
        var first = await Import(RestartedStream, "--renumber");
        var tried = await Import(RestartedStream, "--renumber", "--dry-run");
        var again = await Import(RestartedStream, "--renumber");

        Assert.Equal((3, 0, 1), Counts(first));
        Assert.Equal((0, 4, 0), Counts(tried));
        Assert.Equal((0, 4, 0), Counts(again));
        Assert.Equal(3, (await _tool.Done("read", "s", "--json")).Json.GetProperty("version").GetInt64());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_import_interrupted_around_a_deletion_continues(int lines)
    {
        await Import(RestartedStream[..lines], "--renumber");
        await Import(RestartedStream, "--renumber");

        Assert.Equal(3, (await _tool.Done("read", "s", "--json")).Json.GetProperty("version").GetInt64());
        Assert.Equal(3, (await _tool.Done("count", "--json")).Json.GetProperty("events").GetInt64());
    }

    [Fact]
    public async Task What_an_application_appended_since_is_not_deleted_by_a_line_before_it()
    {
        await Import(RestartedStream[..2], "--renumber");
        await _tool.Append("s", "sale.made", "{}");

        var run = await Import(RestartedStream, "--renumber");

        Assert.Equal(4, run.ExitCode);
        Assert.StartsWith("Line 3: ", run.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, (await _tool.Done("read", "s", "--json")).Lines.Length);
    }

    [Fact]
    public async Task A_deletion_without_a_version_is_done_once()
    {
        string[] lines = [Line("s", 1, 1), Deleted("s", null, 2), Line("s", 2, 3)];

        await Import(lines);
        var again = await Import(lines);

        Assert.Equal((0, 3, 0), Counts(again));
        Assert.Equal(2, (await _tool.Done("read", "s", "--json")).Json.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task A_file_with_a_gap_is_imported_up_to_it_and_the_hint_continues_there()
    {
        string[] lines =
        [
            .. Enumerable.Range(1, 20).Select(at => Line("s-" + (at % 3), ((at - 1) / 3) + (at == 6 ? 2 : 1), at)),
        ];

        var refused = await Import(lines);
        var stood = await _tool.Done("count", "--json");
        var renumbered = await Import(lines, "--renumber");
        var order = await _tool.Done("replay");

        Assert.Equal(4, refused.ExitCode);
        Assert.StartsWith("Line 6: ", refused.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains(
            "5 events were imported before",
            refused.ErrorJson.GetProperty("hint").GetString(),
            StringComparison.Ordinal);
        Assert.Equal(5, stood.Json.GetProperty("events").GetInt64());
        Assert.Equal((15, 5, 0), Counts(renumbered));
        Assert.Equal(
            Enumerable.Range(1, 20).Select(IdOf),
            order.Lines.Select(line =>
                System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("id").GetGuid()));
    }

    [Fact]
    public async Task Existing_events_among_new_ones_are_skipped_and_later_ones_are_imported()
    {
        string[] lines = [.. Enumerable.Range(1, 9).Select(at => Line("s", null, at))];
        await Import([lines[0], lines[3], lines[8]], "--retime");

        var all = await Import(lines, "--retime");
        var again = await Import(lines, "--retime");

        Assert.Equal((6, 3, 0), Counts(all));
        Assert.Equal((0, 9, 0), Counts(again));
    }

    [Fact]
    public async Task A_trial_refuses_what_an_import_refuses_because_of_removals()
    {
        string[][] files =
        [
            [Line("s", 1, 1), Closed("s", 2), Line("s", 2, 3)],
            [Line("s", 1, 1), Deleted("t", null, 2)],
            [Line("s", 1, 1), Deleted("s", 1, 2), Line("s", 3, 3), Deleted("s", 7, 4)],
            [Line("s", 1, 1), Deleted("s", 1, 2), Deleted("s", 1, 3), Line("s", 2, 4), Closed("s", 5), Closed("s", 6)],
        ];
        foreach (var (at, lines) in files.Index())
        {
            var tried = await ImportInto($"trial-{at}.db", lines, "--dry-run");
            var imported = await ImportInto($"trial-{at}.db", lines);

            Assert.Equal(
                (imported.ExitCode, Message(imported)),
                (tried.ExitCode, Message(tried)));
            if (imported.ExitCode == 0)
                Assert.Equal(Counts(imported), Counts(tried));
        }
    }

    [ShellFact("kill")]
    public async Task An_interrupted_import_reports_the_imported_events()
    {
        await _tool.Append("other", "sale.made", "{}");
        using var limit = new CancellationTokenSource(Tool.Limit);
        using var import = _tool.Start("import", "--store", "shop.db", "--retime", "--json");
        for (var at = 1; at <= 1_500; at++)
            await import.StandardInput.WriteLineAsync(Line("s", null, at).AsMemory(), limit.Token);
        await import.StandardInput.FlushAsync(limit.Token);
        await _tool.Until(["count", "--json"], run => run.Json.GetProperty("events").GetInt64() >= 1_001);

        using (var kill = Process.Start("kill", ["-INT", import.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(limit.Token);
        var told = await import.StandardError.ReadToEndAsync(limit.Token);
        await import.WaitForExitAsync(limit.Token);

        Assert.Equal(130, import.ExitCode);
        Assert.Contains("\"error\":\"interrupted\"", told, StringComparison.Ordinal);
        Assert.Contains("1,000 events were imported before", told, StringComparison.Ordinal);
    }

    private static string Message(ToolRun run) =>
        run.ExitCode == 0 ? "" : run.ErrorJson.GetProperty("message").GetString()!;

    private static Guid IdOf(int at) => new(at, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

    private static string Line(string stream, int? version, int at) =>
        $"{{\"specversion\":\"1.0\",\"id\":\"{IdOf(at)}\",\"source\":\"/a\",\"type\":\"sale.made\",\"subject\":\"{stream}\","
        + (version is null ? "" : $"\"millraceversion\":\"{version}\",")
        + $"\"time\":\"{Time(at)}\",\"data\":{{\"at\":{at}}}}}";

    private static string Deleted(string stream, int? version, int at) => Removal("deleted", stream, at)
        + (version is null ? "}" : $",\"millraceversion\":\"{version}\"}}");

    private static string Closed(string stream, int at) => Removal("closed", stream, at) + "}";

    private static string Removal(string kind, string stream, int at) =>
        $"{{\"specversion\":\"1.0\",\"id\":\"{kind}-{at}\",\"source\":\"/a\",\"type\":\"millrace.stream.{kind}\",\"subject\":\"{stream}\","
        + $"\"time\":\"{Time(at)}\",\"millracerecord\":\"{kind}\"";

    private static string Time(int at) => $"2020-01-01T{at / 3600:00}:{at / 60 % 60:00}:{at % 60:00}Z";

    private static (long Imported, long Skipped, long Removals) Counts(ToolRun run) =>
        (run.Json.GetProperty("imported").GetInt64(), run.Json.GetProperty("skipped").GetInt64(),
            run.Json.GetProperty("removals").GetInt64());

    private Task<ToolRun> Import(string[] lines, params string[] more) => ImportInto("shop.db", lines, more);

    private Task<ToolRun> ImportInto(string store, string[] lines, params string[] more) => _tool.RunWith(
        Encoding.UTF8.GetBytes(string.Join('\n', lines)), ["import", "--store", store, "--create", "--json", .. more]);
}
