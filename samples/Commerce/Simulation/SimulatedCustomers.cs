using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Orders;
using Commerce.SharedKernel;
using Millrace.Storage;

namespace Commerce.Simulation;

/// <summary>Simulated customers that visit the shop and sometimes buy.</summary>
public sealed class SimulatedCustomers(
    SimulatedRequestSender sender,
    IReadModel<ProductId, ProductView> products,
    IReadModel<CustomerId, CustomerView> customers,
    Random random)
{
    private readonly List<CustomerId> _known = [];
    private long _count;

    /// <summary>Simulates a visit to a page of the catalogue; seven of ten visitors buy nothing.</summary>
    public async Task Visit(CancellationToken cancellationToken)
    {
        var query = new ReadQuery
        {
            Conditions =
            [
                new("status", Comparison.Equal, nameof(ProductStatus.Active)),
                new("available", Comparison.Greater, 0),
            ],
            OrderBy = "name",
            Limit = 100,
        };
        var shelf = (await products.Query(query, default, cancellationToken)).Items;
        if (shelf.Count > 0 && random.Next(10) < 3)
            await Buy(await Customer(cancellationToken), shelf, cancellationToken);
    }

    private async Task Buy(CustomerId customer, IReadOnlyList<ProductView> shelf, CancellationToken cancellationToken)
    {
        var basket = Enumerable.Range(0, random.Next(1, 5))
            .Select(_ => shelf[(int)(Math.Pow(random.NextDouble(), 1.7) * shelf.Count)])
            .DistinctBy(product => product.Id)
            .Select(product => new WantedItem(product.Id, (int)Math.Min(product.Available, random.Next(1, 7))))
            .ToList();
        var order = new CreateOrder(customer, SimulatedWorld.AddressIn(random), basket, OrderId.New());
        await sender.Send(order, cancellationToken);
        await sender.Send(new CheckOut(order.Order, SimulatedWorld.CardOf(random)), cancellationToken);
        if (random.Next(25) == 0)
        {
            var regret = SimulatedWorld.CancellationReasons[random.Next(SimulatedWorld.CancellationReasons.Count)];
            await sender.Send(new CancelOrder(order.Order, regret), cancellationToken);
        }
    }

    /// <summary>Returns a new customer from time to time, and usually an existing one.</summary>
    private async Task<CustomerId> Customer(CancellationToken cancellationToken)
    {
        if (_known.Count == 0)
        {
            var found = await customers.Query(new ReadQuery { Limit = 500 }, default, cancellationToken);
            _known.AddRange(found.Items.Select(customer => customer.Id));
            _count = (await customers.Count([], default, cancellationToken)).Value;
        }

        if (_known.Count >= 10 && random.Next(12) > 0)
            return _known[random.Next(_known.Count)];
        var name = $"{SimulatedWorld.Names[random.Next(SimulatedWorld.Names.Count)]}-{++_count}";
        var command = new RegisterCustomer(Username.From(name), Email.From($"{name}@example.com"), CustomerId.New());
        await sender.Send(command, cancellationToken);
        _known.Add(command.Customer);
        return command.Customer;
    }
}
