namespace Commerce.SharedKernel;

/// <summary>A postal address. Every part is required.</summary>
public sealed record Address(string Street, string City, string State, string PostalCode, string Country)
{
    /// <summary>Reports the missing parts, for the command that carries the address.</summary>
    public static void Validate(Address? address, string member, ValidationProblems problems)
    {
        if (address is null)
        {
            problems.Add(member, "An address is needed.");
            return;
        }

        foreach (
            var part in (string[])[address.Street, address.City, address.State, address.PostalCode, address.Country])
            problems.RequireShort(part, TextLimits.Name, member);
        problems.Require(!string.IsNullOrWhiteSpace(address.Street), $"{member}.street", "The street is missing.");
        problems.Require(!string.IsNullOrWhiteSpace(address.City), $"{member}.city", "The city is missing.");
        problems.Require(
            !string.IsNullOrWhiteSpace(address.State), $"{member}.state", "The state or county is missing.");
        problems.Require(
            !string.IsNullOrWhiteSpace(address.PostalCode), $"{member}.postalCode", "The postal code is missing.");
        problems.Require(!string.IsNullOrWhiteSpace(address.Country), $"{member}.country", "The country is missing.");
    }
}
