using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Customers;

/// <summary>A customer in the read model.</summary>
/// <param name="Username">The user name, or the number in older books.</param>
/// <param name="Email">The e-mail address; null for customers of older books.</param>
/// <param name="Countries">The known countries of delivery; for customers of older books, the countries in those
/// books.</param>
public sealed record CustomerView(
    CustomerId Id,
    [property: PersonalData(Subject = nameof(CustomerView.Id))] string Username,
    [property: PersonalData(Subject = nameof(CustomerView.Id), ErasedText = Erased.Text)] string? Email,
    [property: PersonalData(Subject = nameof(CustomerView.Id))] IReadOnlyList<string> Countries,
    [property: Indexed] DateTimeOffset Created,
    bool IsClosed = false)
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

/// <remarks>Version 2 also records the countries of the shop's own customers, from their orders; version 3 encrypts
/// personal data.</remarks>
[Projection("customers", Version = 3)]
public sealed partial class CustomerProjection : Projection<CustomerId, CustomerView>
{
    public static CustomerId Key(CustomerRegistered registered) => registered.Customer;

    public static CustomerView Apply(CustomerView? view, CustomerRegistered registered) =>
        new(registered.Customer, registered.Username.Value, registered.Email?.Value, [], registered.OccurredAt);

    public static CustomerId Key(CustomerEmailChanged changed) => changed.Customer;

    public static CustomerView? Apply(CustomerView? view, CustomerEmailChanged changed) =>
        view is null ? null : view with { Email = changed.NewEmail?.Value };

    public static CustomerId Key(CustomerClosed closed) => closed.Customer;

    public static CustomerView? Apply(CustomerView? view, CustomerClosed closed) =>
        view is null ? null : view with { IsClosed = true };

    public static CustomerId Key(CustomerTakenOver takenOver) => takenOver.Customer;

    public static CustomerView Apply(CustomerView? view, CustomerTakenOver takenOver) =>
        new(takenOver.Customer, takenOver.Number, null, [takenOver.Country], takenOver.OccurredAt);

    public static CustomerId Key(CustomerCountryAdded added) => added.Customer;

    public static CustomerView? Apply(CustomerView? view, CustomerCountryAdded added) =>
        view?.WithCountry(added.Country);

    public static CustomerId Key(OrderCreated created) => created.Customer;

    public static CustomerView? Apply(CustomerView? view, OrderCreated created) =>
        created.Address is { } address ? view?.WithCountry(address.Country) : view;
}
