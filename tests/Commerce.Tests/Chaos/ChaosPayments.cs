using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Commerce.Tests.Chaos;

/// <summary>Reads the money that the payment service has captured.</summary>
internal static class ChaosPayments
{
    // The timeout is long, because the machine may be busy.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4);

    /// <summary>Returns the captured money minus refunds for each order.</summary>
    public static async Task<Dictionary<string, decimal>> Read(Uri service)
    {
        using var http = new HttpClient { BaseAddress = service };
        var charges = new List<JsonNode>();
        while (true)
        {
            // The payment service fails from time to time.
            var page = await Eventually.Get(() => Page(http, charges.Count), page => page is not null, WaitTimeout);
            charges.AddRange(page!["items"]!.AsArray().Select(charge => charge!.DeepClone()));
            if (charges.Count >= page["total"]!.GetValue<int>())
                break;
        }
        return charges.GroupBy(charge => charge["reference"]!.GetValue<string>(), StringComparer.Ordinal).ToDictionary(
            order => order.Key,
            order => order.Where(charge => charge["status"]!.GetValue<string>() is "captured" or "refunded")
                .Sum(charge => charge["amount"]!.GetValue<decimal>() - charge["refunded"]!.GetValue<decimal>()),
            StringComparer.Ordinal);
    }

    private static async Task<JsonNode?> Page(HttpClient http, int skip)
    {
        try
        {
            return await http.GetFromJsonAsync<JsonNode>(
                string.Create(CultureInfo.InvariantCulture, $"/charges?skip={skip}"));
        }
        catch (Exception unavailable)
            when (unavailable is HttpRequestException or TaskCanceledException or JsonException)
        {
            return null;
        }
    }
}
