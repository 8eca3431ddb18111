namespace Commerce.Customers;

/// <summary>A customer as the shop knows them.</summary>
/// <param name="Username">The user name, or the number in older books.</param>
/// <param name="Email">Missing for customers of older books.</param>
/// <param name="Countries">Where customers of older books were seen.</param>
public sealed record CustomerView(
    CustomerId Id, [property: Indexed] string Username, string? Email, IReadOnlyList<string> Countries, DateTimeOffset Created);

[Projection("customers")]
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
        view is null ? null : view with { Countries = [.. view.Countries, added.Country] };
}
