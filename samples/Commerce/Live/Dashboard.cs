using Commerce.Customers;
using Commerce.Statistics;

namespace Commerce.Live;

/// <summary>The figures of the live page.</summary>
public sealed record DashboardView(
    SalesTotals Totals,
    long Customers,
    long CountriesInAll,
    IReadOnlyList<Bar> Days,
    IReadOnlyList<Bar> Hours,
    IReadOnlyList<Bar> Countries,
    IReadOnlyList<Bar> Products,
    IReadOnlyList<Bar> Buyers,
    IReadOnlyList<ConsumerView> Consumers,
    long Events)
{
    /// <summary>Returns the figures for a user who may not see the names of customers.</summary>
    public DashboardView WithoutNames() => this with
    {
        Buyers = [.. Buyers.Select(buyer => buyer with { Label = "A customer", Name = "" })],
    };
}

/// <summary>A named value.</summary>
/// <param name="Label">The text for people, which is not the key for a customer.</param>
/// <param name="Name">The name of an article, or the known countries of a customer.</param>
public sealed record Bar(string Key, string Label, string Name, decimal Value);

/// <summary>The status of a consumer.</summary>
public sealed record ConsumerView(string Name, string State, long LagEvents, double LagSeconds)
{
    public static ConsumerView Of(ConsumerStatus status) =>
        new(status.Name, status.State.ToString(), status.LagEvents, status.LagTime.TotalSeconds);
}

/// <summary>Collects the figures once for all clients that request them at the same time.</summary>
public sealed class Dashboard(
    Sales sales, IReadModel<CustomerId, CustomerView> customers, Consumers consumers, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _gathering = new(1);
    private DashboardView? _view;
    private long _gatheredAt;

    public async Task<DashboardView> GetView(CancellationToken cancellationToken)
    {
        await _gathering.WaitAsync(cancellationToken);
        try
        {
            if (_view is null || time.GetElapsedTime(_gatheredAt) > MaxAge)
                (_view, _gatheredAt) = (await Gather(cancellationToken), time.GetTimestamp());
            return _view;
        }
        finally
        {
            _gathering.Release();
        }
    }

    public void Dispose() => _gathering.Dispose();

    private async Task<DashboardView> Gather(CancellationToken cancellationToken)
    {
        var statuses = await consumers.List(cancellationToken);
        return new DashboardView(
            await sales.Totals(default, cancellationToken),
            await sales.Count(SalesBy.Customer, default, cancellationToken),
            await sales.Count(SalesBy.Country, default, cancellationToken),
            Bars(await sales.Last(SalesBy.Day, 400, default, cancellationToken)),
            Bars(await sales.Last(SalesBy.Hour, 24, default, cancellationToken)),
            Bars(await sales.Top(SalesBy.Country, 8, default, cancellationToken)),
            Bars(await sales.Top(SalesBy.Product, 8, default, cancellationToken)),
            await Buyers(cancellationToken),
            [.. statuses.Select(ConsumerView.Of)],
            statuses.Max(status => status.Checkpoint + status.LagEvents));
    }

    private async Task<Bar[]> Buyers(CancellationToken cancellationToken)
    {
        var bars = Bars(await sales.Top(SalesBy.Customer, 8, default, cancellationToken));
        for (var i = 0; i < bars.Length; i++)
        {
            if ((await customers.Get(CustomerId.Parse(bars[i].Key), default, cancellationToken)).Value
                is { Countries: { Count: > 0 } countries })
                bars[i] = bars[i] with { Name = string.Join(", ", countries) };
        }

        return bars;
    }

    private static Bar[] Bars(IReadOnlyList<SalesFigures> figures) =>
        [.. figures.Select(figure => new Bar(figure.Key, figure.Label, figure.Name, figure.Value))];
}
