using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.OlderBooks;

/// <summary>Takes over an article of older books. A repetition changes nothing.</summary>
public sealed record TakeOverProduct(ProductId Product, Sku Sku, string Name, Money Price, DateTimeOffset OccurredAt)
    : ICommand;

/// <summary>Takes over a customer of older books, or records one more country. A repetition changes nothing.</summary>
public sealed record TakeOverCustomer(CustomerId Customer, string Number, string Country, DateTimeOffset OccurredAt)
    : ICommand;

/// <summary>Takes over an invoice of older books, with all its lines, as an order. A repetition changes
/// nothing.</summary>
public sealed record TakeOverSale(OrderId Order, SaleRecord Record, DateTimeOffset OccurredAt) : ICommand;

/// <summary>Handles all commands that take over older books, at the times of those books.</summary>
public static class TakeOverHandlers
{
    public static void Handle(TakeOverProduct command, [OrNew] Product product, CommandContext context)
    {
        if (product.Version > 0)
            return;
        var category = char.IsAsciiDigit(command.Sku.Value[0]) ? "giftware" : "charges";
        product.Create(
            new(command.Sku, command.Name, "", command.Price, category, new Dictionary<string, string>()),
            command.OccurredAt);
        product.Activate(command.OccurredAt);
        context.Claim(Claim.Acquire("product-sku", command.Sku.Value, command.Product.ToString()));
    }

    public static void Handle(TakeOverCustomer command, [OrNew] Customer customer) =>
        customer.TakeOver(command.Number, command.Country, command.OccurredAt);

    public static async Task Handle(
        TakeOverSale command, [OrNew] Order order, CommandContext context, CancellationToken cancellationToken)
    {
        var record = command.Record;
        // The data of a customer who has left the shop may be erased, and the books need no name.
        if (record.Customer is { } id
            && (await context.LoadOrNew<Customer, CustomerId>(id, cancellationToken)).IsClosed)
            record = record with { Buyer = Erased.Text };
        order.TakeOver(record, command.OccurredAt);
    }
}
