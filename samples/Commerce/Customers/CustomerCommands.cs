using Commerce.Orders;
using Commerce.SharedKernel;
using Millrace.Storage;

namespace Commerce.Customers;

/// <summary>Registers a customer; user names are unique.</summary>
/// <param name="Customer">The id of the new customer, given by the sender of the command.</param>
public sealed record RegisterCustomer(
    [property: PersonalData(Subject = nameof(RegisterCustomer.Customer))] Username Username,
    [property: PersonalData(Subject = nameof(RegisterCustomer.Customer))] Email Email,
    CustomerId Customer = default) : ICommand<CustomerAnswer>;

public sealed record ChangeCustomerEmail(
    CustomerId Customer,
    [property: PersonalData(Subject = nameof(ChangeCustomerEmail.Customer))] Email Email) : ICommand<CustomerAnswer>;

/// <summary>Removes a customer without open orders from the shop, and releases the user name.</summary>
public sealed record CloseCustomer(CustomerId Customer) : ICommand<CustomerAnswer>;

/// <summary>The answer to a command: the id of the customer, and a message for the user.</summary>
public sealed record CustomerAnswer(CustomerId CustomerId, string Message);

/// <summary>Lists customers, the newest first.</summary>
public sealed record ListCustomers(int Page = 1, int PageSize = Page.DefaultSize) : IQuery<CustomerPage>;

/// <summary>A page of customers and the total count.</summary>
public sealed record CustomerPage(IReadOnlyList<CustomerView> Items, int Page, int PageSize, long Total);

public sealed record GetCustomer(CustomerId Customer) : IQuery<CustomerView?>;

/// <summary>Handles all commands and queries about customers.</summary>
public static class CustomerHandlers
{
    /// <summary>The scope of the claims that make user names unique. Their values are stored as keyed hashes.</summary>
    internal const string UsernameScope = "customer-username";

    public static async Task<CustomerAnswer> Handle(
        RegisterCustomer command,
        [New] Customer customer,
        EventStore store,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var (name, id) = (Normalize(command.Username), customer.Id.ToString());
        // The claim below decides. This earlier answer is in the words of the shop.
        if (await store.FindClaim(UsernameScope, name, cancellationToken) is { } owner && owner != id)
            throw new UsernameTakenException();
        customer.Register(command.Username, command.Email, clock.Now);
        context.Claim(Claim.Acquire(UsernameScope, name, id));
        return new CustomerAnswer(customer.Id, "The customer was registered.");
    }

    public static CustomerAnswer Handle(ChangeCustomerEmail command, Customer customer, ShopClock clock)
    {
        customer.ChangeEmail(command.Email, clock.Now);
        return new CustomerAnswer(customer.Id, "The e-mail address was changed.");
    }

    public static async Task<CustomerAnswer> Handle(
        CloseCustomer command,
        Customer customer,
        IReadModel<OrderId, OrderView> orders,
        EventStore store,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        // Orders of earlier versions of the shop have no tag, by which the log is read below.
        foreach (var status in Enum.GetValues<OrderStatus>().Where(status => status.IsOpen()))
        {
            var open = await orders.Count(
                [
                    new("customer", Comparison.Equal, customer.Id.ToString()),
                    new("status", Comparison.Equal, status.ToString()),
                ],
                new ReadAfter(),
                cancellationToken);
            if (open.Value > 0)
                throw new CustomerHasOpenOrdersException(status);
        }
        await context.RequireNoOpenOrders(store, customer.Id, cancellationToken);
        if (customer.Close(clock.Now) && customer.Username is { } username)
            context.Claim(Claim.Release(UsernameScope, Normalize(username), customer.Id.ToString()));
        return new CustomerAnswer(customer.Id, "The customer has left the shop.");
    }

    public static async Task<CustomerPage> Handle(
        ListCustomers query,
        IReadModel<CustomerId, CustomerView> customers,
        QueryContext context,
        CancellationToken cancellationToken)
    {
        Page.Require(query.Page, query.PageSize);
        var readQuery = new ReadQuery
        {
            OrderBy = "created",
            IsDescending = true,
            Skip = Page.Skip(query.Page, query.PageSize),
            Limit = query.PageSize,
        };
        var page = await customers.Query(readQuery, context, cancellationToken);
        return new CustomerPage(
            page.Items, query.Page, query.PageSize, await customers.Count([], context, cancellationToken));
    }

    public static async Task<CustomerView?> Handle(
        GetCustomer query,
        IReadModel<CustomerId, CustomerView> customers,
        QueryContext context,
        CancellationToken cancellationToken) => await customers.Get(query.Customer, context, cancellationToken);

    /// <summary>Returns the form of a user name that is compared, which is not case-sensitive.</summary>
    private static string Normalize(Username username) => username.Value.ToLowerInvariant();
}
