namespace Millrace.Caching.Tests;

[Event("offer.made")]
public sealed record OfferMade(string Offer, DateTimeOffset? Until);

/// <summary>An offer, which expires.</summary>
public sealed record Offer(string Id, [property: Expires] DateTimeOffset? Until);

[Projection("offers", Version = 1)]
public sealed partial class OfferProjection : Projection<string, Offer>
{
    public static string Key(OfferMade made) => made.Offer;

    public static Offer Apply(Offer? offer, OfferMade made) => new(made.Offer, made.Until);
}

public sealed record GetOffer(string Id) : IQuery<Offer?>;

public sealed record ListOffers : IQuery<OfferList>;

public sealed record CountOffers : IQuery<OfferCount>;


public sealed record OfferList(IReadOnlyList<Offer> Offers);

public sealed record OfferCount(long Offers);

public static class OfferQueries
{
    public static async Task<Offer?> Handle(
        GetOffer query, IReadModel<string, Offer> offers, QueryContext context, CancellationToken cancellationToken) =>
        await offers.Get(query.Id, context, cancellationToken);

    public static async Task<OfferList> Handle(
        ListOffers query, IReadModel<string, Offer> offers, QueryContext context,
        CancellationToken cancellationToken) =>
        new((await offers.Query(new ReadQuery(), context, cancellationToken)).Items);

    public static async Task<OfferCount> Handle(
        CountOffers query, IReadModel<string, Offer> offers, QueryContext context,
        CancellationToken cancellationToken) => new(await offers.Count([], context, cancellationToken));
}
