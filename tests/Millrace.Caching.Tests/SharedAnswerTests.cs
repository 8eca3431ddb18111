using Millrace.Testing;

namespace Millrace.Caching.Tests;

/// <summary>Tests of which answers nodes share, and of bytes in Redis that are no answer.</summary>
public sealed class SharedAnswerTests(RedisServerFixture redis) : IClassFixture<RedisServerFixture>, IDisposable
{
    private readonly ShopFile _file = new();
    private readonly string _prefix = $"{Guid.NewGuid():N}:";

    public void Dispose() => _file.Dispose();

    [RedisFact]
    public async Task Answers_that_other_nodes_would_not_read_from_JSON_stay_in_the_process()
    {
        await using var first = await Start(Cache);
        await using var second = await Start(Cache);
        var moved = await first.Move("1", "hall");
        await first.Ask(new GetScale(), moved);
        await first.Ask(new GetCrate(), moved);
        await first.Ask(new GetTray(), moved);
        await first.Ask(new GetParcel("1"), moved);
        await Eventually.Get(Keys, keys => keys.Exists(key => key.Contains("get-parcel", StringComparison.Ordinal)));

        var scale = await second.Ask(new GetScale(), moved);
        var crate = await second.Ask(new GetCrate(), moved);
        var tray = await second.Ask(new GetTray(), moved);
        var cached = await first.Ask(new GetScale(), moved);

        Assert.Equal((1, 1, 1), (scale.Value.Weight, crate.Value.Weight, tray.Value.Places));
        Assert.Equal((1, AnswerSource.ProcessCache), (cached.Value.Weight, cached.Source));
        Assert.Single(await Keys());

        static void Cache(QueryCacheBuilder cache) => cache
            .Cache<GetScale>()
            .Cache<GetCrate>()
            .Cache<GetTray>()
            .Cache<GetParcel>();
    }

    [Fact]
    public async Task A_query_whose_answer_has_no_JSON_is_answered_and_not_cached()
    {
        await using var node = await Node.Start(
            _file.Open(),
            cache: cache => cache.Cache<GetSeal>(),
            configure: millrace => millrace.AddModel(Scales.Add));
        var moved = await node.Move("1", "hall");

        var first = await node.Ask(new GetSeal(), moved);
        var second = await node.Ask(new GetSeal(), moved);

        Assert.Equal((AnswerSource.Handler, AnswerSource.Handler), (first.Source, second.Source));
    }

    [RedisTheory]
    [InlineData("x")]
    [InlineData("0123456789012345x")]
    [InlineData("0123456789012345\\x02ffffffffffffffffffffffffffffffffffffffffff")]
    public async Task Bytes_in_Redis_that_are_no_answer_are_a_miss(string bytes)
    {
        await using var first = await Start(Node.CacheAll);
        var moved = await first.Move("1", "hall");
        await first.Ask(new GetParcel("1"), moved);
        var key = Assert.Single(await Eventually.Get(Keys, keys => keys.Count > 0));
        Assert.Equal("+OK", await redis.Server.Ask($"SET {key} \"{bytes}\""));
        await using var second = await Start(Node.CacheAll);

        var answer = await second.Ask(new GetParcel("1"), moved);

        Assert.Equal(("hall", AnswerSource.Handler), (answer.Value?.Place, answer.Source));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    public void Bytes_with_a_wrong_length_are_no_answer(int length)
    {
        var bytes = new byte[37];
        bytes[0] = 2;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(33), length);

        Assert.Throws<FormatException>(() => new CachedAnswer(bytes));
    }

    [RedisFact]
    public async Task An_answer_read_from_streams_of_a_model_with_personal_data_stays_in_the_process()
    {
        await using var node = await Start(cache => cache.Cache<ReadRecipient>().Cache<GetParcel>());
        await node.Append("recipient-1", new RecipientNamed("1", "Ada Lovelace"));
        await node.AskUntilCached(new ReadRecipient("1"));
        await node.AskUntilCached(new GetParcel("1"));
        var keys = await Eventually.Get(Keys, keys => keys.Count > 0);

        Assert.Equal("Ada Lovelace", (await node.Ask(new ReadRecipient("1"))).Value);
        Assert.Contains("get-parcel", Assert.Single(keys), StringComparison.Ordinal);
    }

    private Task<Node> Start(Action<QueryCacheBuilder> cache) => Node.Start(
        _file.Open(),
        redis.Server.Address,
        cache,
        all => all.KeyPrefix = _prefix,
        millrace => millrace.AddModel(Scales.Add));

    private async Task<List<string>> Keys()
    {
        var lines = await redis.Server.AskAll($"KEYS {_prefix}*");
        return [.. lines.Where(line => line.Contains(_prefix, StringComparison.Ordinal))];
    }
}
