using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Caching.Tests;

/// <summary>Tests of the level that nodes share in Redis.</summary>
public sealed class SharedLevelTests(RedisServerFixture redis) : IClassFixture<RedisServerFixture>, IDisposable
{
    private readonly ShopFile _file = new();

    private string Address => redis.Server.Address;

    public void Dispose() => _file.Dispose();

    [RedisFact]
    public async Task Another_node_answers_from_Redis_and_then_from_its_memory()
    {
        await using var first = await Node.Start(_file.Open(), Address, options: all => all.KeyPrefix = "nodes:");
        await using var second = await Node.Start(_file.Open(), Address, options: all => all.KeyPrefix = "nodes:");
        var moved = await first.Move("1", "hall");
        await first.Ask(new GetParcel("1"), moved);
        await Eventually.Get(() => Keys("nodes:"), keys => keys.Count > 0);

        var shared = await second.Ask(new GetParcel("1"), moved);
        var own = await second.Ask(new GetParcel("1"), moved);

        Assert.Equal((AnswerSource.SharedCache, new Parcel("1", "hall", 1)), (shared.Source, shared.Value));
        Assert.Equal((AnswerSource.ProcessCache, moved), (own.Source, own.Reflects));
    }

    [RedisFact]
    public async Task The_cache_library_logs_nothing_about_its_parts_at_the_start()
    {
        using var log = new RecordedLog(LogLevel.Information);
        await using (var node = await Node.Start(
            _file.Open(),
            Address,
            options: all => all.KeyPrefix = "quiet:",
            configure: millrace => millrace.Services.AddSingleton<ILoggerProvider>(log)))
            await node.Ask(new GetParcel("1"));

        Assert.NotEmpty(log.Entries);
        Assert.DoesNotContain(
            log.Entries,
            static entry => entry.Level == LogLevel.Information
                && entry.Text.Contains("FUSION", StringComparison.Ordinal));
    }

    [RedisFact]
    public async Task Answers_with_personal_data_stay_in_the_process()
    {
        await using var node = await Node.Start(_file.Open(), Address, options: all => all.KeyPrefix = "personal:");
        await node.Append("recipient-1", new RecipientNamed("1", "Ada Lovelace"));
        await node.AskUntilCached(new GetRecipient("1"));
        await node.AskUntilCached(new GetParcel("1"));
        await Eventually.Get(() => Keys("personal:"), keys => keys.Count > 0);

        var keys = await Keys("personal:");

        Assert.Equal("Ada Lovelace", (await node.Ask(new GetRecipient("1"))).Value);
        Assert.Contains("get-parcel", Assert.Single(keys), StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task Two_stores_do_not_share_answers()
    {
        using var otherFile = new ShopFile();
        await using var first = await Node.Start(_file.Open(), Address, options: all => all.KeyPrefix = "stores:");
        await using var second = await Node.Start(otherFile.Open(), Address, options: all => all.KeyPrefix = "stores:");
        await first.Ask(new GetParcel("1"), await first.Move("1", "hall"));
        await Eventually.Get(() => Keys("stores:"), keys => keys.Count > 0);

        var answer = await second.Ask(new GetParcel("1"), await second.Move("1", "ship"));

        Assert.Equal("ship", answer.Value?.Place);
    }

    [RedisFact]
    public async Task An_old_answer_does_not_come_back_with_Redis()
    {
        await using var server = await RedisServer.Start();
        await using (var node = await Node.Start(_file.Open(), server.Address))
        {
            await node.Ask(new GetParcel("1"), await node.Move("1", "hall"));
            await Eventually.Get(() => server.AskAll("KEYS *"), keys => keys.Count > 0);
            await server.Crash();
            await node.Move("1", "ship");
        }
        await server.Restart();
        Assert.NotEmpty(await server.AskAll("KEYS millrace:cache:*get-parcel*")); // The old answer.

        await using var other = await Node.Start(_file.Open(), server.Address);
        var answer = await Eventually.Get(
            () => other.Ask(new GetParcel("1")), answer => answer.Source == AnswerSource.ProcessCache);

        Assert.Equal(("ship", 1), (answer.Value?.Place, other.Calls.Of(new GetParcel("1")) > 0 ? 1 : 0));
    }

    [RedisFact]
    public async Task Queries_do_not_wait_for_a_Redis_that_does_not_answer()
    {
        await using var server = await RedisServer.Start();
        await using var node = await Node.Start(_file.Open(), server.Address);
        await node.Ask(new CountParcels("hall"), await node.Move("1", "hall"));
        await server.Suspend();
        var started = Stopwatch.GetTimestamp();

        for (var i = 0; i < 50; i++)
            await node.Ask(new GetParcel($"{i}"));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var cached = await node.Ask(new GetParcel("1"));
        await server.Resume();

        // Without the circuit breaker, each of the queries would wait 100 milliseconds.
        Assert.InRange(elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Assert.Equal(("hall", AnswerSource.ProcessCache), (cached.Value?.Place, cached.Source));
    }

    private async Task<List<string>> Keys(string prefix)
    {
        var lines = await redis.Server.AskAll($"KEYS {prefix}*");
        return [.. lines.Where(line => line.Contains(prefix, StringComparison.Ordinal))];
    }
}
