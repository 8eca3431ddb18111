using Millrace.Testing;

namespace Millrace.Caching.Tests;

/// <summary>Tests that a cached answer does not outlive a document that it contains or counts.</summary>
public sealed class ExpiringAnswerTests(RedisServerFixture redis) : IClassFixture<RedisServerFixture>, IDisposable
{
    private static readonly DateTimeOffset Future = new(2199, 5, 4, 3, 2, 1, TimeSpan.Zero);

    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task An_answer_is_used_until_one_of_its_documents_expires()
    {
        await using var node = await Node.Start(_file.Open(), cache: Cache);
        var until = DateTimeOffset.UtcNow.AddSeconds(8);
        await node.Append("offer-1", new OfferMade("1", until));
        await node.Append("offer-2", new OfferMade("2", Future));
        var token = await node.Append("offer-3", new OfferMade("3", null));

        var (one, list, count) = await Ask(node, token);
        Assert.Equal(until, one.Value!.Until);
        Assert.Equal(["1", "2", "3"], list.Value.Offers.Select(offer => offer.Id));
        Assert.Equal(3, count.Value.Offers);
        (one, list, count) = await Ask(node, token);
        Assert.All([one.Source, list.Source, count.Source], source => Assert.NotEqual(AnswerSource.Handler, source));
        await Eventually.Until(() => DateTimeOffset.UtcNow >= until, Node.WaitTimeout);
        (one, list, count) = await Ask(node, token);

        Assert.All([one.Source, list.Source, count.Source], source => Assert.Equal(AnswerSource.Handler, source));
        Assert.Null(one.Value);
        Assert.Equal(["2", "3"], list.Value.Offers.Select(offer => offer.Id));
        Assert.Equal(2, count.Value.Offers);
    }

    [RedisFact]
    public async Task A_shared_answer_is_used_until_one_of_its_documents_expires()
    {
        await using var node = await Node.Start(_file.Open(), redis.Server.Address, Cache);
        await using var other = await Node.Start(_file.Open(), redis.Server.Address, Cache);
        var until = DateTimeOffset.UtcNow.AddSeconds(8);
        var token = await node.Append("offer-1", new OfferMade("1", until));
        await node.Ask(new ListOffers(), token);

        var shared = await Eventually.Get(
            () => other.Ask(new ListOffers(), token), static answer => answer.Source != AnswerSource.Handler);
        await Eventually.Until(() => DateTimeOffset.UtcNow >= until, Node.WaitTimeout);
        var later = await other.Ask(new ListOffers(), token);

        Assert.Single(shared.Value.Offers);
        Assert.Empty(later.Value.Offers);
    }

    private static void Cache(QueryCacheBuilder cache) => cache
        .Cache<GetOffer>(query => query.Tag(get => $"offer:{get.Id}"))
        .Cache<ListOffers>(query => query.Tag("offers"))
        .Cache<CountOffers>(query => query.Tag("offers"))
        .InvalidatedBy<OfferMade>(made => ["offers", $"offer:{made.Offer}"]);

    private static async Task<(QueryResult<Offer?>, QueryResult<OfferList>, QueryResult<OfferCount>)> Ask(
        Node node, ConsistencyToken token) => (
        await node.Ask(new GetOffer("1"), token),
        await node.Ask(new ListOffers(), token),
        await node.Ask(new CountOffers(), token));
}
