using Commerce.SharedKernel;

namespace Commerce.Simulation;

/// <summary>The products and customers of the simulated shop.</summary>
public static class SimulatedWorld
{
    public static IReadOnlyList<(string Name, string Category, decimal Price)> Goods { get; } =
    [
        ("Oak Cutting Board", "kitchen", 34.50m),
        ("Enamel Teapot", "kitchen", 28.00m),
        ("Linen Tea Towel", "kitchen", 9.50m),
        ("Stoneware Mug", "kitchen", 12.00m),
        ("Copper Measuring Cups", "kitchen", 42.00m),
        ("Cast Iron Skillet", "kitchen", 55.00m),
        ("Beeswax Candle", "home", 14.00m),
        ("Wool Throw", "home", 79.00m),
        ("Willow Basket", "home", 26.50m),
        ("Brass Wall Hook", "home", 8.75m),
        ("Paper Lantern", "home", 11.25m),
        ("Jute Rug", "home", 120.00m),
        ("Terracotta Planter", "garden", 19.00m),
        ("Garden Twine", "garden", 4.20m),
        ("Seed Tin", "garden", 16.80m),
        ("Ash Dibber", "garden", 13.50m),
        ("Watering Can", "garden", 38.00m),
        ("Bird Feeder", "garden", 22.00m),
        ("Letterpress Notebook", "paper", 15.50m),
        ("Brass Pen", "paper", 48.00m),
        ("Wrapping Paper Roll", "paper", 6.40m),
        ("Wax Seal Kit", "paper", 24.00m),
        ("Wall Calendar", "paper", 18.00m),
        ("Sketch Pad", "paper", 12.90m),
    ];

    public static IReadOnlyList<string> Names { get; } =
    [
        "ada", "alan", "barbara", "clara", "donald", "edsger", "frances", "grace", "hedy", "ivan", "joan", "katherine",
        "linus", "margaret", "niklaus", "ole", "peter", "quentin", "radia", "sophie", "tony", "ursula", "vint", "wendy",
    ];

    /// <summary>The countries, each with its share of the customers.</summary>
    public static IReadOnlyList<(string Country, string City, int Share)> Cities { get; } =
    [
        ("United Kingdom", "Rochdale", 46),
        ("Germany", "Freiburg", 14),
        ("France", "Lyon", 12),
        ("Ireland", "Galway", 8),
        ("Netherlands", "Delft", 7),
        ("Spain", "Girona", 5),
        ("Belgium", "Ghent", 4),
        ("Sweden", "Malmö", 4),
    ];

    public static IReadOnlyList<string> CancellationReasons { get; } =
        ["changed my mind", "found it cheaper", "ordered twice", "takes too long", "wrong address"];

    public static IReadOnlyList<string> Complaints { get; } =
    ["arrived broken", "not as pictured", "too small", "an unwanted gift"];

    /// <summary>Returns a random card; some are declined by the bank, or answered later.</summary>
    public static string CardOf(Random random) => random.Next(100) switch
    {
        < 4 => "visa-0002",
        < 6 => "visa-9995",
        < 9 => "visa-3220",
        < 10 => "visa-3063",
        _ => "visa-4242",
    };

    /// <summary>Returns the traffic of an hour of the day, from 0 to 1.</summary>
    public static double TrafficAt(int hour) => hour switch
    {
        < 6 => 0.06,
        < 8 => 0.25,
        < 11 => 0.65,
        < 14 => 1.0,
        < 17 => 0.7,
        < 21 => 0.9,
        < 23 => 0.45,
        _ => 0.15,
    };

    public static Address AddressIn(Random random)
    {
        var (country, city, _) = PickCity(random);
        return new Address(
            $"{random.Next(1, 200)} Mill Lane", city, country, $"{random.Next(10_000, 99_999)}", country);
    }

    private static (string Country, string City, int Share) PickCity(Random random)
    {
        var remaining = random.Next(Cities.Sum(place => place.Share));
        foreach (var place in Cities)
        {
            remaining -= place.Share;
            if (remaining < 0)
                return place;
        }

        return Cities[0];
    }
}
