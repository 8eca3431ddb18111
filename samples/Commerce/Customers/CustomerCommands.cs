using Commerce.SharedKernel;

namespace Commerce.Customers;

public sealed record RegisterCustomer(CustomerId Customer, Username Username, Email Email) : ICommand;

public sealed record ChangeCustomerEmail(CustomerId Customer, Email Email) : ICommand;

/// <summary>Answers every command about customers.</summary>
public static class CustomerHandlers
{
    public static void Handle(RegisterCustomer command, [New] Customer customer, CommandContext context, ShopClock clock)
    {
        customer.Register(command.Username, command.Email, clock.Now);
        context.Claim(Claim.Take("username", command.Username.Value.ToLowerInvariant(), command.Customer.ToString()));
    }

    public static void Handle(ChangeCustomerEmail command, Customer customer, ShopClock clock) =>
        customer.ChangeEmail(command.Email, clock.Now);
}
