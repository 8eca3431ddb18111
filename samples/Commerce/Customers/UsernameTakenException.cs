namespace Commerce.Customers;

/// <summary>Thrown when another customer has the user name.</summary>
public sealed class UsernameTakenException()
    : InvariantViolatedException(nameof(Customer), "taken", "The user name is taken.");
