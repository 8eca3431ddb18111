namespace Millrace.Cli.Tests;

public sealed class ReadTests : IAsyncLifetime, IDisposable
{
    private readonly Tool _tool = new();

    public async Task InitializeAsync()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        for (var order = 1; order <= 3; order++)
        {
            await store.Append(
                new StreamId($"order-{order}"),
                ExpectedVersion.NoStream,
                [
                    StoreFile.Event("order.placed", $$"""{"order":{{order}},"total":{{order * 10}}.50}""", $"customer:{order % 2}"),
                    StoreFile.Event("order.paid", "{}"),
                ]);
        }
        await store.Append(new StreamId("customer-1"), ExpectedVersion.Any, [StoreFile.Event(
            "customer.named", """{"name":"Ada"}""")]);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_stream_is_shown_with_its_payloads()
        => Approved.Matches("read", (await _tool.RunOk("read", "order-2")).Output);

    [Fact]
    public async Task A_stream_is_read_backwards_and_from_a_version()
    {
        var last = await _tool.RunOk("read", "order-2", "--backwards", "-n", "1", "--json");
        var second = await _tool.RunOk("read", "order-2", "--from", "2", "--json");

        Assert.Equal("order.paid", last.Json.GetProperty("type").GetString());
        Assert.Equal(2, second.Json.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task The_JSON_of_an_event_equals_its_approved_file()
        => Approved.Matches("read-json", (await _tool.RunOk("read", "order-2", "--json")).Output);

    [Fact]
    public async Task An_unknown_stream_is_not_found_and_similar_names_are_suggested()
    {
        var run = await _tool.Run("read", "order-77");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("order-1", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Streams_are_found_by_their_prefix()
    {
        var table = await _tool.RunOk("streams", "order-");
        var json = await _tool.RunOk("streams", "order-", "--json", "--limit", "2");
        var next = await _tool.RunOk("streams", "order-", "--json", "--after", "order-2");
        var none = await _tool.RunOk("streams", "basket");
        var kinds = await _tool.RunOk("streams", "--categories");

        Approved.Matches("streams", table.Output);
        Assert.Equal(
            ["order-1", "order-2"],
            json.Json.EnumerateArray().Select(stream => stream.GetProperty("stream").GetString()));
        Assert.Equal("order-3", Assert.Single(next.Json.EnumerateArray()).GetProperty("stream").GetString());
        Assert.Contains("customer-…, order-…", none.Output, StringComparison.Ordinal);
        Assert.Equal(["customer", "order"], kinds.Lines);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("3", "--type", "order.placed")]
    [InlineData("4", "--type", "order.placed", "--type", "customer.named")]
    [InlineData("2", "--tag", "customer:1")]
    [InlineData("2", "--stream", "order-1")]
    [InlineData("7", "--since", "1h")]
    [InlineData("0", "--before", "2001-01-01")]
    [InlineData("0", "--source", "nobody")]
    public async Task Events_are_counted_by_the_options_of_the_filter(string expected, params string[] filter)
    {
        var run = await _tool.RunOk(["count", .. filter]);

        Assert.Equal(expected, run.Output.Trim());
    }

    [Fact]
    public async Task The_entire_log_is_replayed_as_lines_in_order()
    {
        var run = await _tool.RunOk("replay");
        var part = await _tool.RunOk("replay", "--after", "2", "--to", "4", "--type", "order.paid");

        var positions = run.Lines.Select(line =>
            System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("position").GetInt64());
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], positions);
        Assert.Equal(4, part.Json.GetProperty("position").GetInt64());
    }

    [Fact]
    public async Task The_last_events_are_shown_in_one_line_each()
        => Approved.Matches("tail", (await _tool.RunOk("tail", "-n", "3")).Output);

    [Fact]
    public async Task The_content_of_the_store_is_summarized()
    {
        var run = await _tool.RunOk("info", "--json");
        var stream = await _tool.RunOk("info", "order-1", "--json");

        Assert.Equal(7, run.Json.GetProperty("events").GetInt64());
        Assert.Equal(4, run.Json.GetProperty("streams").GetInt64());
        Assert.Contains(
            "order.paid",
            run.Json.GetProperty("types").EnumerateArray().Select(type => type.GetProperty("type").GetString()));
        Assert.Equal(2, stream.Json.GetProperty("version").GetInt64());
        Approved.Matches("info-stream", (await _tool.RunOk("info", "order-1")).Output);
    }

    [Fact]
    public async Task The_only_store_of_the_data_directory_is_found_and_several_are_refused()
    {
        Directory.CreateDirectory(_tool.File("data"));
        File.Copy(_tool.Store, _tool.File("data/other.db"));

        var other = await _tool.RunOk("info", "--json");
        File.Copy(_tool.Store, _tool.File("data/third.db"));
        var several = await _tool.Run("info");

        Assert.Equal("data/other.db", other.Json.GetProperty("store").GetString());
        Assert.Equal(2, several.ExitCode);
    }
}
