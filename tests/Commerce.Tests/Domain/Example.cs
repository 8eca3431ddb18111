using Commerce.Catalogue;
using Commerce.Pricing;

namespace Commerce.Tests.Domain;

/// <summary>The shared values of the specifications.</summary>
internal static class Example
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly Address Home = new("1 Mill Lane", "Rochdale", "Lancashire", "OL16 1AA", "United Kingdom");
    public static readonly PricingService NoDiscount = new(
        new VolumeDiscount(decimal.MaxValue, 0, TimeSpan.MaxValue, 0));

    /// <summary>The passphrase of keys in a file of a test.</summary>
    public const string Passphrase = "the passphrase of a test";

    public static ProductDescription Description(string name, decimal price)
    {
        var attributes = new Dictionary<string, string> { ["colour"] = "blue" };
        return new(Sku.From("MUG-1"), name, "Holds tea.", Money.InPounds(price), "kitchen", attributes);
    }
}
