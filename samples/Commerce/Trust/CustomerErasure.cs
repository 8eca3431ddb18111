using Commerce.Customers;

namespace Commerce.Trust;

/// <summary>
/// Erases a customer in one call: requests the erasure, removes the customer from the shop, approves the request and
/// carries it out. Every step can be repeated, so a further call continues an interrupted erasure.
/// </summary>
public sealed class CustomerErasure(Erasures erasures, ICommandBus bus)
{
    private const string SubjectPrefix = "customer-";

    /// <summary>Returns the data subject of a customer, which is their stream.</summary>
    public static string SubjectOf(CustomerId customer) => $"{SubjectPrefix}{customer}";

    /// <summary>Returns the customer whose data a data subject has; null if it is no customer.</summary>
    public static CustomerId? CustomerOf(string subject) =>
        subject.StartsWith(SubjectPrefix, StringComparison.Ordinal)
        && CustomerId.TryParse(subject[SubjectPrefix.Length..], null, out var customer)
            ? customer
            : null;

    /// <summary>Erases a customer.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="reason">The reason, which must not contain personal data.</param>
    /// <param name="by">The id of the user who requests and approves the erasure.</param>
    /// <param name="cancellationToken">Cancels the operation until the erasure has started.</param>
    public async Task<ErasureInfo> Run(
        CustomerId customer, string reason, string by, CancellationToken cancellationToken)
    {
        var earlier = await Find(customer, cancellationToken);
        if (earlier is { IsFinal: true, State: not (ErasureState.Refused or ErasureState.Stopped) })
            return earlier;
        var id = earlier is { IsFinal: false } ? earlier.Request.Id : $"erase-{Guid.CreateVersion7():N}";
        var requested = await erasures.Request(
            new ErasureRequest(id, SubjectOf(customer), reason, by), cancellationToken);
        if (requested.State == ErasureState.Refused)
            return requested;
        // The rule of erasures sends it as well. Sent here, a customer with open orders gets an answer that can be
        // repeated, and the request stays open.
        await bus.Send(new CloseCustomer(customer), cancellationToken);
        await erasures.Approve(id, by, cancellationToken);
        return await erasures.CarryOut(id, CancellationToken.None); // It also continues when the browser is closed.
    }

    /// <summary>Returns the latest erasure of a customer that was not refused or stopped, otherwise the latest one;
    /// null if there is none.</summary>
    public async Task<ErasureInfo?> Find(CustomerId customer, CancellationToken cancellationToken)
    {
        var subject = SubjectOf(customer);
        return (await erasures.List(cancellationToken))
            .Where(erasure => erasure.Request.Subject == subject)
            .OrderBy(erasure => erasure.State is not (ErasureState.Refused or ErasureState.Stopped))
            .ThenBy(erasure => erasure.Request.Id, StringComparer.Ordinal)
            .LastOrDefault();
    }
}
