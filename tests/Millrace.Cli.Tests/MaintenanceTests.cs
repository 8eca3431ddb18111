using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Sqlite;

namespace Millrace.Cli.Tests;

public sealed class MaintenanceTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_sound_store_is_verified_and_removals_are_reported()
    {
        await using (var store = await StoreFile.Open(_tool.Store))
        {
            var stream = new StreamId("order-1");
            object[] events = [StoreFile.Event("a", "1"), StoreFile.Event("b", "2"), StoreFile.Event("c", "3")];
            await store.Append(stream, ExpectedVersion.Any, events);
            await store.Truncate(stream, before: 3, "the law asks for it", "Ada");
        }

        var verified = await _tool.RunOk("verify", "--json");
        var table = await _tool.RunOk("verify");

        Assert.True(verified.Json.GetProperty("isSound").GetBoolean());
        Assert.Equal(2, verified.Json.GetProperty("removedEvents").GetInt64());
        Assert.Equal(0, verified.Json.GetProperty("lostEvents").GetInt64());
        Assert.Contains("the law asks for it", table.Output, StringComparison.Ordinal);
        Assert.Contains("Removed intentionally: 2 events. Lost: 0.", table.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("BROKEN", table.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_size_per_event_is_omitted_while_the_write_ahead_log_is_large()
    {
        await using (var store = await StoreFile.Open(_tool.Store))
        {
            for (var i = 0; i < 20; i++)
                await store.Append(new StreamId("order-1"), ExpectedVersion.Any, [StoreFile.Event("a", "1")]);
            Assert.DoesNotContain("size per event", (await _tool.RunOk("info")).Output, StringComparison.Ordinal);
        }
        Assert.Contains("size per event", (await _tool.RunOk("info")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_store_is_reported_with_exit_code_5()
    {
        await _tool.Append("order-1", "order.noted", """{"text":"the very words that are altered"}""");
        await _tool.RunOk("backup", "damaged.db");
        var bytes = await File.ReadAllBytesAsync(_tool.File("damaged.db"));
        var index = bytes.AsSpan().IndexOf("very words"u8);
        Encoding.UTF8.GetBytes("VERY WORDS").CopyTo(bytes, index);
        await File.WriteAllBytesAsync(_tool.File("damaged.db"), bytes);

        var run = await _tool.Run("verify", "--store", "damaged.db");

        Assert.Equal(5, run.ExitCode);
        Assert.Contains("BROKEN", run.Output, StringComparison.Ordinal);
        Assert.Contains("damaged", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_a_store_is_refused_and_not_changed()
    {
        await File.WriteAllTextAsync(_tool.File("shop.db"), "Dear diary, this is not a database.");

        var run = await _tool.Run("info");

        Assert.Equal(5, run.ExitCode);
        Assert.Equal("Dear diary, this is not a database.", await File.ReadAllTextAsync(_tool.File("shop.db")));
    }

    [Fact]
    public async Task Consumers_are_listed_paused_resumed_and_reset_while_the_application_runs()
    {
        using var application = await StartApplication();
        var store = application.Services.GetRequiredService<EventStore>();
        var consumers = application.Services.GetRequiredService<Consumers>();
        var result = await store.Append(
            new StreamId("order-1"),
            ExpectedVersion.Any,
            [StoreFile.Event("order.noted", "{}")]);
        Assert.True(await consumers.WaitFor("note-taker", result.Token, TimeSpan.FromSeconds(60)));

        var listed = await _tool.RunOk("consumers", "--json");
        var paused = await _tool.RunOk("consumers", "pause", "note-taker", "--json");
        var resumed = await _tool.RunOk("consumers", "resume", "note-taker", "--json");
        var restarted = await _tool.RunOk("consumers", "restart", "note-taker", "--json");
        var reset = await _tool.RunOk("consumers", "reset", "note-taker", "--json");
        var missing = await _tool.Run("consumers", "pause", "nobody");
        Assert.True(await consumers.WaitFor("note-taker", result.Token, TimeSpan.FromSeconds(60)));

        var consumer = Assert.Single(listed.Json.EnumerateArray());
        Assert.Equal("note-taker", consumer.GetProperty("consumer").GetString());
        Assert.NotEqual("stopped", consumer.GetProperty("state").GetString());
        Assert.True(paused.Json.GetProperty("isPaused").GetBoolean());
        Assert.False(resumed.Json.GetProperty("isPaused").GetBoolean());
        Assert.True(restarted.Json.GetProperty("isRestarted").GetBoolean());
        Assert.Equal(0, reset.Json.GetProperty("checkpoint").GetInt64());
        Assert.Equal(3, missing.ExitCode);
        Assert.Contains("note-taker", missing.Error, StringComparison.Ordinal);
        await application.StopAsync();
    }

    [Fact]
    public async Task The_benchmark_measures_and_deletes_its_files()
    {
        var run = await _tool.RunOk("bench", "--seconds", "1", "--json");

        Assert.Equal(4, run.Json.GetArrayLength());
        Assert.All(
            run.Json.EnumerateArray(), result => Assert.True(result.GetProperty("eventsPerSecond").GetDouble() > 0));
        Assert.Empty(Directory.GetFileSystemEntries(_tool.Directory));
    }

    private async Task<IHost> StartApplication()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => new SqliteStorage(_tool.Store))
            .AddConsumer("note-taker", EventFilter.All, (_, _) => ValueTask.CompletedTask));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
