namespace Commerce.Shipping;

/// <summary>Where the carrier goes, and how long it takes.</summary>
/// <param name="Name">What the carrier calls it.</param>
/// <param name="Days">How many days a parcel is on its way.</param>
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

    /// <summary>The zone of a country, by the name that the carrier knows.</summary>
    /// <exception cref="UnknownDestinationException">The carrier does not go there, or the name
    /// is misspelled.</exception>
    public static DeliveryZone Of(string country) =>
        Table.TryGetValue(country.Trim(), out var zone) ? zone : throw new UnknownDestinationException(country);

    private static Dictionary<string, DeliveryZone> Countries(params (DeliveryZone Zone, string[] Countries)[] zones) =>
        zones
            .SelectMany(zone => zone.Countries, (zone, country) => (country, zone.Zone))
            .ToDictionary(pair => pair.country, pair => pair.Zone, StringComparer.OrdinalIgnoreCase);
}

/// <summary>The carrier does not know a country.</summary>
public sealed class UnknownDestinationException(string country)
    : Exception($"The carrier does not deliver to '{country}': it is misspelled, or no zone has it.")
{
    public string Country { get; } = country;
}
