using Commerce.Customers;

namespace Commerce.Trust;

/// <summary>
/// Closes a customer before their data is erased, whatever requests the erasure: the page, an operator or retention. A
/// customer with open orders is not erased. A closed customer cannot order, so that no order can be opened later.
/// </summary>
public sealed class CustomerErasureRule(ICommandBus bus) : IErasureRule
{
    public async ValueTask<string?> Prepare(ErasureRequest request, CancellationToken cancellationToken)
    {
        if (CustomerErasure.CustomerOf(request.Subject) is not { } customer)
            return null;
        try
        {
            await bus.Send(new CloseCustomer(customer), cancellationToken);
            return null;
        }
        catch (CustomerHasOpenOrdersException exception)
        {
            return exception.Message;
        }
        catch (AggregateNotFoundException)
        {
            return null; // Another program wrote data of a customer who does not exist.
        }
    }
}
