using Millrace.Cli.Charts;
using Millrace.Sqlite;
using Millrace.Storage;

namespace Millrace.Cli.Tests;

/// <summary>Tests the charts of event counts and of the lag of consumers.</summary>
public sealed class StatsTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Events_are_counted_by_time_and_by_type()
    {
        await FillStore();

        var all = await _tool.RunOk("stats", "--json");
        var filtered = await _tool.RunOk("stats", "--type", "order.paid", "--per", "month", "--json");

        Assert.Equal("day", all.Json.GetProperty("per").GetString());
        Assert.Equal(
            [4, 0, 1, 1],
            all.Json.GetProperty("times").EnumerateArray().Select(item => item.GetProperty("events").GetInt32()));
        Assert.Equal("2011-12-05T00:00:00Z", all.Json.GetProperty("times")[0].GetProperty("from").GetString());
        Assert.Equal(("order.placed", 4), Type(all, 0));
        Assert.Equal(
            2, Assert.Single(filtered.Json.GetProperty("times").EnumerateArray()).GetProperty("events").GetInt32());
        Assert.Equal(("order.paid", 2), Type(filtered, 0));
    }

    [Theory]
    [InlineData("en_US.UTF-8")]
    [InlineData("C")]
    public async Task The_chart_uses_only_characters_that_the_terminal_can_show(string locale)
    {
        await FillStore();
        var tool = new Tool { Wrapper = ["env", "LC_ALL=" + locale, "COLUMNS=60"] };

        var run = await tool.RunOk("stats", "--store", _tool.Store);

        Assert.DoesNotContain('\u001b', run.Output);
        Assert.All(run.Lines, line => Assert.True(line.TrimEnd().Length < 60, line));
        Assert.Equal(locale == "C", run.Output.All(char.IsAscii));
        Approved.Matches(locale == "C" ? "stats-ascii" : "stats", run.Output);
        tool.Dispose();
    }

    [Fact]
    public async Task The_latest_periods_of_a_long_log_are_counted_in_any_unit()
    {
        await FillStore();
        await using (var storage = new SqliteStorage(_tool.Store))
        {
            await storage.Open(default);
            await storage.Log.Commit(
                [Appended("order.paid")],
                new DateTimeOffset(2011, 12, 30, 8, 0, 0, TimeSpan.Zero),
                default);
        }

        var run = await _tool.RunOk("stats", "--per", "minute", "--last", "3", "--json");
        var years = await _tool.RunOk("stats", "--per", "year", "--last", "3", "--json");

        Assert.Equal(
            [0, 0, 1],
            run.Json.GetProperty("times").EnumerateArray().Select(item => item.GetProperty("events").GetInt32()));
        Assert.Equal(
            [7],
            years.Json.GetProperty("times").EnumerateArray().Select(item => item.GetProperty("events").GetInt32()));
    }

    [Fact]
    public async Task A_store_without_events_is_reported()
    {
        await using (await StoreFile.Open(_tool.Store))
            Assert.Contains("No events match.", (await _tool.RunOk("stats")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watching_consumers_prints_their_lag()
    {
        await FillStore();
        await using (var storage = new SqliteStorage(_tool.Store))
        {
            await storage.Open(default);
            await storage.Leases.Acquire(
                "mailer", 0, "node-1", TimeSpan.FromMinutes(1), DateTimeOffset.UtcNow, default);
        }

        var run = await _tool.RunOk("consumers", "watch", "--seconds", "0.2", "--every", "0.1", "--json");
        var text = await _tool.RunOk("consumers", "watch", "mailer", "--seconds", "0.1", "--every", "0.1");
        var missing = await _tool.Run("consumers", "watch", "nobody");

        Assert.Equal([6, 6, 6], run.Json[0].GetProperty("lagEvents").EnumerateArray().Select(item => item.GetInt32()));
        Assert.Contains("mailer", text.Output, StringComparison.Ordinal);
        Assert.Equal(3, missing.ExitCode);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "▏")]
    [InlineData(50, "█████")]
    [InlineData(55, "█████▌")]
    [InlineData(100, "██████████")]
    public void A_bar_is_proportional_and_a_small_value_is_still_visible(long value, string bar) =>
        Assert.Equal(bar, TextBarChart.Bar(value, 100, 10, Glyphs.Blocks));

    [Fact]
    public void A_sparkline_shows_the_latest_samples_in_proportion()
    {
        Assert.Equal("▁▅█", Sparkline.Of([9, 0, 4, 7], 3, Glyphs.Blocks));
        Assert.Equal("_+#", Sparkline.Of([0, 4, 7], 9, Glyphs.Ascii));
        Assert.Equal("", Sparkline.Of([], 9, Glyphs.Ascii));
    }

    [Theory]
    [InlineData("LANG=en_US.UTF-8", true)]
    [InlineData("LANG=de_DE.utf8", true)]
    [InlineData("LANG=C", false)]
    [InlineData("LC_ALL=C LANG=en_US.UTF-8", false)]
    [InlineData("LANG=en_US.UTF-8 MILLRACE_ASCII=1", false)]
    [InlineData("", false)]
    public void The_locale_determines_the_available_characters(string variables, bool isUnicode)
    {
        var values = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(item => item.Split('=')[0], item => item.Split('=')[1]);

        Assert.Equal(
            isUnicode && !OperatingSystem.IsWindows(), Glyphs.IsUnicode(name => values.GetValueOrDefault(name)));
    }

    [Theory]
    [InlineData(10, "minute")]
    [InlineData(120, "hour")]
    [InlineData(60 * 24 * 20, "day")]
    [InlineData(60 * 24 * 365, "month")]
    [InlineData(60 * 24 * 365 * 9, "year")]
    public void The_unit_of_time_fits_the_length_of_the_log(int minutes, string per) =>
        Assert.Equal(per, TimeBuckets.For(TimeSpan.FromMinutes(minutes)).Unit);

    private async Task FillStore()
    {
        await using var storage = new SqliteStorage(_tool.Store);
        await storage.Open(default);
        var begin = new DateTimeOffset(2011, 12, 5, 8, 0, 0, TimeSpan.Zero);
        foreach (var (hours, type) in ((int, string)[])
                [(0, "placed"), (1, "placed"), (2, "placed"), (3, "paid"), (50, "placed"), (75, "paid")])
            await storage.Log.Commit([Appended("order." + type)], begin.AddHours(hours), default);
    }

    private static CommitRequest Appended(string type) => new()
    {
        Appends =
        [
            new StreamAppend(
                new StreamId("order-1"), ExpectedVersion.Any,
                [new EncodedEvent { Id = Guid.NewGuid(), Type = type, Payload = "{}"u8.ToArray() }]),
        ],
    };

    private static (string?, int) Type(ToolRun run, int index)
    {
        var type = run.Json.GetProperty("types")[index];
        return (type.GetProperty("type").GetString(), type.GetProperty("events").GetInt32());
    }
}
