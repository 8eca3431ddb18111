using System.Text.Json;
using Commerce.Statistics;

namespace Commerce.Retail;

/// <summary>Writes the totals of the read models for a year as one JSON object.</summary>
public sealed class RetailSummary(Sales sales)
{
    /// <summary>Waits until the read models have reached a token, and writes the totals.</summary>
    public async Task Write(
        Stream output, ConsistencyToken token, Func<double> seconds, CancellationToken cancellationToken)
    {
        var after = new ReadAfter(token, TimeSpan.FromMinutes(10));
        var totals = await sales.Totals(after, cancellationToken);
        await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("lines", totals.Lines);
        json.WriteNumber("total", totals.Value);
        json.WriteNumber("invoices", totals.Invoices);
        json.WriteNumber("customers", await sales.Count(SalesBy.Customer, after, cancellationToken));
        json.WriteNumber("countries", await sales.Count(SalesBy.Country, after, cancellationToken));
        json.WriteNumber("days", await sales.Count(SalesBy.Day, after, cancellationToken));
        json.WriteNumber("cancellations", totals.Cancellations);
        json.WriteNumber("cancelledValue", totals.CancelledValue);
        WriteTop(json, "topProducts", await sales.Top(SalesBy.Product, 10, after, cancellationToken));
        WriteTop(json, "topCustomers", await sales.Top(SalesBy.Customer, 10, after, cancellationToken));
        json.WriteNumber("seconds", Math.Round(seconds(), 2));
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    private static void WriteTop(Utf8JsonWriter json, string name, IReadOnlyList<SalesFigures> top)
    {
        json.WriteStartArray(name);
        foreach (var figures in top)
        {
            json.WriteStartArray();
            json.WriteStringValue(figures.Label);
            json.WriteNumberValue(figures.Value);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
