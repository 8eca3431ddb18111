using Commerce.SharedKernel;

namespace Commerce.Customers;

[Id<Guid>]
public readonly partial record struct CustomerId
{
    /// <summary>Returns the id of a customer with a number in the older books.</summary>
    public static CustomerId OfNumber(string number) => new(NameBasedId.Of("customer", number));
}

/// <summary>
/// The user name of a customer. The name has 3 to 50 characters, is unique, and is not case-sensitive.
/// </summary>
[Value<string>]
public readonly partial record struct Username
{
    private static string? Problem(string value) =>
        value.Trim().Length is >= 3 and <= 50 && value == value.Trim() ? null : "it must have 3 to 50 characters";
}

[Event("customer.registered")]
public sealed record CustomerRegistered(
    CustomerId Customer,
    [property: PersonalData(ErasedText = Erased.Text)] Username Username,
    [property: PersonalData] Email? Email,
    DateTimeOffset OccurredAt);

[Event("customer.email-changed")]
public sealed record CustomerEmailChanged(
    CustomerId Customer,
    [property: PersonalData] Email? OldEmail,
    [property: PersonalData] Email? NewEmail,
    DateTimeOffset OccurredAt);

/// <summary>A customer was taken over from older books, where customers have numbers and countries but no
/// names.</summary>
/// <param name="Number">The number, from which the id is derived. Like the id, it reveals no person.</param>
[Event("customer.taken-over")]
public sealed record CustomerTakenOver(
    CustomerId Customer,
    [property: Tag] string Number,
    [property: PersonalData] string Country,
    DateTimeOffset OccurredAt);

/// <summary>Another country of the customer was recorded.</summary>
[Event("customer.country-added")]
public sealed record CustomerCountryAdded(
    CustomerId Customer, [property: PersonalData] string Country, DateTimeOffset OccurredAt);

/// <summary>The customer left the shop, so that their data can be erased.</summary>
[Event("customer.closed")]
public sealed record CustomerClosed([property: Tag] CustomerId Customer, DateTimeOffset OccurredAt);

/// <summary>A person who buys from the shop.</summary>
[Stream("customer")]
public sealed partial class Customer : Aggregate<CustomerId>
{
    private readonly HashSet<string> _countries = new(StringComparer.Ordinal);
    /// <summary>The user name, or the number in older books.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The unique user name; null for customers of older books.</summary>
    public Username? Username { get; private set; }

    /// <summary>True when the customer has left the shop.</summary>
    public bool IsClosed { get; private set; }

    public DateTimeOffset Since { get; private set; }

    /// <summary>The e-mail address; null for customers of older books, and after its erasure.</summary>
    public Email? Email { get; private set; }

    public void Register(Username username, Email email, DateTimeOffset at) =>
        Raise(new CustomerRegistered(Id, username, email, at));

    public void ChangeEmail(Email email, DateTimeOffset at)
    {
        RequireOpen();
        if (email != Email)
            Raise(new CustomerEmailChanged(Id, Email, email, at));
    }

    /// <summary>Throws if the customer has left the shop.</summary>
    public void RequireOpen() => Require(!IsClosed, "customer-open", "The customer has left the shop.");

    /// <summary>Records that the customer leaves the shop. Returns false if they left before.</summary>
    public bool Close(DateTimeOffset at)
    {
        if (IsClosed)
            return false;
        Raise(new CustomerClosed(Id, at));
        return true;
    }

    /// <summary>Records a customer of older books, or one more country. A repetition changes nothing, and neither does
    /// a customer who has left the shop, because their keys may be destroyed.</summary>
    public void TakeOver(string number, string country, DateTimeOffset at)
    {
        Require(number.Length > 0, "customer-has-number", "A customer of older books has a number.");
        if (IsClosed)
            return;
        if (Version == 0)
            Raise(new CustomerTakenOver(Id, number, country, at));
        else if (!_countries.Contains(country))
            Raise(new CustomerCountryAdded(Id, country, at));
    }

    private void When(CustomerRegistered registered) =>
        (Name, Username, Email, Since) = (
            registered.Username.Value, registered.Username, registered.Email, registered.OccurredAt);

    private void When(CustomerClosed closed) => IsClosed = true;

    private void When(CustomerEmailChanged changed) => Email = changed.NewEmail;

    private void When(CustomerTakenOver takenOver)
    {
        (Name, Since) = (takenOver.Number, takenOver.OccurredAt);
        _countries.Add(takenOver.Country);
    }

    private void When(CustomerCountryAdded added) => _countries.Add(added.Country);
}
