using Commerce.SharedKernel;

namespace Commerce.Customers;

/// <summary>Registers a customer; user names are unique.</summary>
/// <param name="Customer">The id of the new customer, given by the sender of the command.</param>
public sealed record RegisterCustomer(Username Username, Email Email, CustomerId Customer = default)
    : ICommand<CustomerAnswer>;

public sealed record ChangeCustomerEmail(CustomerId Customer, Email Email) : ICommand<CustomerAnswer>;

/// <summary>The answer to a command: the id of the customer, and a message for the user.</summary>
public sealed record CustomerAnswer(CustomerId CustomerId, string Message);

public sealed record GetCustomer(CustomerId Customer) : IQuery<CustomerView?>;

/// <summary>Handles all commands and queries about customers.</summary>
public static class CustomerHandlers
{
    public static CustomerAnswer Handle(
        RegisterCustomer command,
        [New] Customer customer,
        CommandContext context,
        ShopClock clock)
    {
        customer.Register(command.Username, command.Email, clock.Now);
        context.Claim(Claim.Acquire("username", command.Username.Value.ToLowerInvariant(), customer.Id.ToString()));
        return new CustomerAnswer(customer.Id, "The customer was registered.");
    }

    public static CustomerAnswer Handle(ChangeCustomerEmail command, Customer customer, ShopClock clock)
    {
        customer.ChangeEmail(command.Email, clock.Now);
        return new CustomerAnswer(customer.Id, "The e-mail address was changed.");
    }

    public static async Task<CustomerView?> Handle(
        GetCustomer query,
        IReadModel<CustomerId, CustomerView> customers,
        QueryContext context,
        CancellationToken cancellationToken) => await customers.Get(query.Customer, context, cancellationToken);
}
