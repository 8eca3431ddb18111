using System.Globalization;
using System.Text.Json;

namespace Millrace.Cli.Tests;

/// <summary>Tests of commands on all shards of an application, which a file names.</summary>
public sealed class ShardedStoreTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Commands_show_all_shards_as_one_system()
    {
        var streams = await ShardedApp.Create(_tool);

        var info = (await Run("info", "--json")).Json;
        var listed = (await Run("streams", "--json")).Json;
        foreach (var (shard, stream) in streams)
        {
            var one = (await Run("info", stream, "--json")).Json;
            var events = await Run("read", stream, "--json");
            Assert.Equal(shard, one.GetProperty("shard").GetString());
            Assert.Equal(2, events.Lines.Length);
        }
        var consumers = (await Run("consumers", "--json")).Json;
        var projections = (await Run("projections", "--json")).Json;
        var shards = (await Run("shards", "list", "--json")).Json;
        var verified = await _tool.Run("verify", "--json", "--store", ShardedApp.StoreList);

        var numbers = listed.EnumerateArray().Select(one => one.GetProperty("stream").GetString()!).ToList();
        Assert.Equal(numbers.Order(StringComparer.Ordinal), numbers);
        Assert.All(streams.Values, stream => Assert.Contains(stream, numbers));
        Assert.False(info.TryGetProperty("position", out _));
        Assert.Equal(["one", "two"], ShardsOf(consumers, "consumer", "item-counts@1"));
        Assert.Equal(["one", "two"], ShardsOf(projections, "projection", "item-counts@1"));
        Assert.Equal(["one", "two"], shards.EnumerateArray().Select(one => one.GetProperty("shard").GetString()));
        Assert.True(verified.ExitCode == 0, verified.Output);
    }

    [Fact]
    public async Task Dead_letters_are_listed_in_pages_and_decided_in_their_shards()
    {
        await ShardedApp.Create(_tool);

        var all = (await Run("dead-letters", "list", "--json")).Json.EnumerateArray().ToList();
        var first = (await Run("dead-letters", "list", "--limit", "1", "--json")).Json.EnumerateArray().Single();
        var next = (await Run("dead-letters", "list", "--limit", "1", "--after", IdOf(first), "--json")).Json;
        var shown = (await Run("dead-letters", "show", IdOf(all[1]), "--json")).Json;
        await Run("dead-letters", "skip", IdOf(all[1]), "--reason", "a test");
        var groups = (await Run("dead-letters", "groups", "--json")).Json;
        var inTwo = (await _tool.RunOk("dead-letters", "list", "--json", "--store", "two.db")).Json;
        var inOne = (await _tool.RunOk("dead-letters", "list", "--json", "--store", "one.db")).Json;
        var text = await Run("dead-letters", "list");

        Assert.Equal(["one", "two"], all.Select(letter => letter.GetProperty("shard").GetString()));
        Assert.Equal(IdOf(all[0]), IdOf(first));
        Assert.Equal(IdOf(all[1]), IdOf(next[0]));
        Assert.Equal("two", shown.GetProperty("shard").GetString());
        Assert.Equal("released", inTwo[0].GetProperty("state").GetString());
        Assert.Equal("parked", inOne[0].GetProperty("state").GetString());
        Assert.Equal(["one", "two"], groups.EnumerateArray().Select(group => group.GetProperty("shard").GetString()));
        Assert.Contains(IdOf(all[1]), text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consumers_and_read_models_are_changed_in_all_shards()
    {
        await ShardedApp.Create(_tool);

        await Run("consumers", "pause", "item-counts@1");
        var paused = (await Run("consumers", "--json")).Json;
        await Run("consumers", "resume", "item-counts@1");
        await Run("projections", "rebuild", "item-counts", "--no-wait");
        var cleared = (await Run("projections", "--json")).Json;
        var reset = await _tool.Run("consumers", "reset", "item-counts@1", "--store", ShardedApp.StoreList);

        Assert.All(
            paused.EnumerateArray().Where(one => one.GetProperty("consumer").GetString() == "item-counts@1"),
            one => Assert.True(one.GetProperty("isPaused").GetBoolean()));
        Assert.All(
            cleared.EnumerateArray().Where(one => one.GetProperty("projection").GetString() == "item-counts@1"),
            one => Assert.Equal(0, one.GetProperty("documents").GetInt32()));
        Assert.Equal(1, reset.ExitCode);
        Assert.Contains("projections rebuild", reset.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_commands_name_the_stores_to_use()
    {
        await ShardedApp.Create(_tool);

        var backup = await _tool.Run("backup", "copy.db", "--store", ShardedApp.StoreList);
        var tail = await _tool.Run("tail", "--store", ShardedApp.StoreList);
        var tenant = await _tool.Run("info", "--tenant", "acme", "--store", ShardedApp.StoreList);

        foreach (var refused in new[] { backup, tail })
        {
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("one.db (one)", refused.Error, StringComparison.Ordinal);
            Assert.Contains("two.db (two)", refused.Error, StringComparison.Ordinal);
        }
        Assert.Equal(2, tenant.ExitCode);
    }

    [Fact]
    public async Task A_wrong_file_is_refused_with_the_reason()
    {
        await ShardedApp.Create(_tool);
        (string Content, int ExitCode, string Reason)[] wrong =
        [
            ("""{"shards": {"one": "one.db"}}""", 5, "'two'"), // The map has another shard.
            ("""{"shards": {"two": "two.db", "one": "one.db"}}""", 4, "not a home shard"),
            ("""{"shards": {"one": "one.db", "two": "one.db"}}""", 4, "the shard 'one'"),
            ("""{"shards": {"one": "one.db", "two": "lost.db"}}""", 5, "lost.db"),
            ("""{"shards": {"one": "one.db", "two": "two.db", "three": "one.db"}}""", 3, "'three'"),
            ("""{"shards": {"one": 1}}""", 2, "must be a text"),
            ("""{"shards": {"one": "one.db", "one": "two.db"}}""", 2, "twice"),
            ("""{"shards": {}}""", 2, "no shard"),
            ("""{"stores": {}}""", 2, "only member"),
            ("[", 2, "not JSON"),
        ];

        foreach (var (content, exitCode, reason) in wrong)
        {
            await File.WriteAllTextAsync(_tool.File("wrong.json"), content);
            var refused = await _tool.Run("streams", "--json", "--store", "wrong.json");
            Assert.Contains(reason, refused.Error, StringComparison.Ordinal);
            Assert.Equal((content, exitCode), (content, refused.ExitCode));
        }
        Assert.Equal(5, (await _tool.Run("streams", "--store", "nowhere.json")).ExitCode);
    }

    private Task<ToolRun> Run(params string[] arguments) =>
        _tool.RunOk([.. arguments, "--store", ShardedApp.StoreList]);

    private static string IdOf(JsonElement letter) =>
        letter.GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string?> ShardsOf(JsonElement all, string member, string name) => all.EnumerateArray()
        .Where(one => one.GetProperty(member).GetString() == name)
        .Select(one => one.GetProperty("shard").GetString());
}
