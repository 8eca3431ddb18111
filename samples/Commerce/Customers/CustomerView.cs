using Commerce.Orders;

namespace Commerce.Customers;

/// <summary>A customer in the read model.</summary>
/// <param name="Username">The user name, or the number in older books.</param>
/// <param name="Email">The e-mail address; null for customers of older books.</param>
/// <param name="Countries">The known countries of delivery; for customers of older books, the countries in those
/// books.</param>
public sealed record CustomerView(
    CustomerId Id,
    [property: Indexed] string Username,
    string? Email,
    IReadOnlyList<string> Countries,
    DateTimeOffset Created)
{
    /// <summary>The maximum number of countries; further countries are ignored.</summary>
    private const int MaxCountries = 20;

    /// <summary>Returns the customer with one more country.</summary>
    public CustomerView WithCountry(string country) =>
        Countries.Contains(country, StringComparer.Ordinal) || Countries.Count == MaxCountries
            ? this
            : this with
            {
                Countries = [.. Countries, country],
            };
}

/// <remarks>Version 2 also records the countries of the shop's own customers, from their orders.</remarks>
[Projection("customers", Version = 2)]
public sealed partial class CustomerProjection : Projection<CustomerId, CustomerView>
{
    public static CustomerId Key(CustomerRegistered registered) => registered.Customer;

    public static CustomerView Apply(CustomerView? view, CustomerRegistered registered) =>
        new(registered.Customer, registered.Username.Value, registered.Email.Value, [], registered.OccurredAt);

    public static CustomerId Key(CustomerEmailChanged changed) => changed.Customer;

    public static CustomerView? Apply(CustomerView? view, CustomerEmailChanged changed) =>
        view is null ? null : view with { Email = changed.NewEmail.Value };

    public static CustomerId Key(CustomerTakenOver takenOver) => takenOver.Customer;

    public static CustomerView Apply(CustomerView? view, CustomerTakenOver takenOver) =>
        new(takenOver.Customer, takenOver.Number, null, [takenOver.Country], takenOver.OccurredAt);

    public static CustomerId Key(CustomerCountryAdded added) => added.Customer;

    public static CustomerView? Apply(CustomerView? view, CustomerCountryAdded added) =>
        view?.WithCountry(added.Country);

    public static CustomerId Key(OrderCreated created) => created.Customer;

    public static CustomerView? Apply(CustomerView? view, OrderCreated created) =>
        view?.WithCountry(created.Address.Country);
}
