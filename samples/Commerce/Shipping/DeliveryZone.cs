namespace Commerce.Shipping;

/// <summary>A zone of the carrier, with its delivery time.</summary>
/// <param name="Name">The carrier's name for the zone.</param>
/// <param name="Days">The delivery time in days.</param>
public sealed record DeliveryZone(string Name, int Days)
{
    private static readonly DeliveryZone Home = new("home", 2), Near = new("near", 4), Far = new("far", 10);

    private static readonly Dictionary<string, DeliveryZone> Table = Countries(
        (Home, ["United Kingdom"]),
        (
            Near,
            [
                "Austria",
                "Belgium",
                "Czech Republic",
                "Denmark",
                "Finland",
                "France",
                "Germany",
                "Greece",
                "Iceland",
                "Ireland",
                "Italy",
                "Luxembourg",
                "Netherlands",
                "Norway",
                "Poland",
                "Portugal",
                "Spain",
                "Sweden",
                "Switzerland",
            ]
        ),
        (
            Far,
            [
                "Australia",
                "Brazil",
                "Canada",
                "India",
                "Japan",
                "Mexico",
                "New Zealand",
                "South Africa",
                "United States",
            ]
        )
    );

    /// <summary>Returns the zone of a country, by the carrier's name for the country.</summary>
    /// <exception cref="UnknownDestinationException">The carrier does not deliver there, or the name is
    /// misspelled.</exception>
    public static DeliveryZone Of(string country) =>
        Table.TryGetValue(country.Trim(), out var zone) ? zone : throw new UnknownDestinationException(country);

    private static Dictionary<string, DeliveryZone> Countries(params (DeliveryZone Zone, string[] Countries)[] zones) =>
        zones
            .SelectMany(zone => zone.Countries, (zone, country) => (country, zone.Zone))
            .ToDictionary(pair => pair.country, pair => pair.Zone, StringComparer.OrdinalIgnoreCase);
}

/// <summary>Thrown when the carrier does not know a country.</summary>
public sealed class UnknownDestinationException(string country)
    : Exception($"The carrier does not deliver to '{country}': the name is misspelled, or no zone contains it.")
{
    public string Country { get; } = country;
}
