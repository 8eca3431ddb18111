using System.Globalization;
using System.Text.Json;
using Commerce.Statistics;

namespace Commerce.Retail;

/// <summary>Writes the totals of the read models for a year as one JSON object.</summary>
public sealed class RetailSummary(Sales sales, Kpis kpis)
{
    private static readonly DateTimeOffset FirstMonth = new(2009, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset LastMonth = new(2013, 1, 1, 0, 0, 0, TimeSpan.Zero);

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
        await WriteFigures(json, after, cancellationToken);
        json.WriteNumber("seconds", Math.Round(seconds(), 2));
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    /// <summary>Writes the business figures: the revenue of each month and country, and the number of sales.</summary>
    private async Task WriteFigures(Utf8JsonWriter json, ReadAfter after, CancellationToken cancellationToken)
    {
        var query = new KpiQuery
        {
            Name = "revenue",
            From = FirstMonth,
            To = LastMonth,
            Step = KpiStep.Month,
            MaxMembers = 10,
            After = after,
        };
        var revenue = await kpis.Read(query, cancellationToken);
        json.WriteStartObject("revenueByMonth");
        foreach (var month in revenue.Points.Where(static point => point.Count > 0))
        {
            json.WriteNumber(
                month.Start.ToString("yyyy-MM", CultureInfo.InvariantCulture), month.Value.GetValueOrDefault());
        }
        json.WriteEndObject();
        json.WriteStartObject("revenueByCountry");
        foreach (var country in await kpis.ReadMembers(query with { Dimension = "country" }, cancellationToken))
            json.WriteNumber(country.Member ?? "", country.Total.Value.GetValueOrDefault());
        json.WriteEndObject();
        foreach (var name in (string[])["orders", "cancellations"])
        {
            var figure = await kpis.Read(query with { Name = name }, cancellationToken);
            json.WriteNumber($"{name}Figure", figure.Total.Value.GetValueOrDefault());
        }
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
