using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;

namespace Commerce.Tests.Retail;

/// <summary>Tests that the program, started as a process, imports files.</summary>
public sealed class ImportTests : IDisposable
{
    private static readonly string SmallFile = Path.Combine(AppContext.BaseDirectory, "Data", "small-retail.csv");

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_file_with_all_special_cases_is_imported_exactly_and_repeatably()
    {
        var first = await ShopProcess.Summary(SmallFile, _data.Path);
        var second = await ShopProcess.Summary(SmallFile, _data.Path);

        Assert.Equal(13, first["lines"]!.GetValue<int>());
        Assert.Equal(10, first["invoices"]!.GetValue<int>());
        Assert.Equal(2, first["customers"]!.GetValue<int>());
        Assert.Equal(4, first["countries"]!.GetValue<int>());
        Assert.Equal(4, first["days"]!.GetValue<int>());
        Assert.Equal(2, first["cancellations"]!.GetValue<int>());
        Assert.Equal(-32.60m, first["cancelledValue"]!.GetValue<decimal>());
        Assert.Equal(219.25m, first["total"]!.GetValue<decimal>());
        Assert.Equal("""["22423",122.25]""", first["topProducts"]![0]!.ToJsonString());
        Assert.Equal("""["12422",206.000]""", first["topCustomers"]![0]!.ToJsonString());
        Assert.Equal(219.25m, first["revenueByMonth"]!["2010-12"]!.GetValue<decimal>());
        Assert.Equal(206m, Assert.IsType<JsonObject>(first["revenueByCountry"]).Sum(static one =>
            one.Key is "Switzerland" or "Australia" ? one.Value!.GetValue<decimal>() : 0));
        Assert.Equal((5, 2), (first["ordersFigure"]!.GetValue<int>(), first["cancellationsFigure"]!.GetValue<int>()));
        Assert.Equal(WithoutSeconds(first), WithoutSeconds(second));
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // Half a minute. The first test imports the same file.
    public async Task A_compressed_file_is_also_imported()
    {
        var compressed = Path.Combine(_data.Path, "small.csv.gz");
        await using (var file = new GZipStream(File.Create(compressed), CompressionLevel.Fastest))
            await file.WriteAsync(await File.ReadAllBytesAsync(SmallFile));

        var summary = await ShopProcess.Summary(compressed, _data.Path);

        Assert.Equal(13, summary["lines"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_error_names_a_line_with_an_invalid_format()
    {
        var broken = Path.Combine(_data.Path, "broken.csv");
        var lines = await File.ReadAllLinesAsync(SmallFile);
        lines[5] = lines[5].Replace("18", "much", StringComparison.Ordinal);
        await File.WriteAllLinesAsync(broken, lines);

        using var shop = ShopProcess.Start("--retail", broken, "--data", _data.Path, "--summary");
        var (code, output, error) = await shop.End();

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("line 6", error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // A minute and a half.
    public async Task An_import_killed_in_the_middle_continues_without_duplicates()
    {
        var file = await WriteManyInvoices(invoices: 15_000);
        using (var killed = ShopProcess.Start("--retail", file, "--data", _data.Path, "--summary"))
        {
            await killed.FirstProgress();
            killed.Kill();
            await killed.End();
        }

        var summary = await ShopProcess.Summary(file, _data.Path);

        Assert.Equal(60_000, summary["lines"]!.GetValue<int>());
        Assert.Equal(15_000, summary["invoices"]!.GetValue<int>());
        Assert.Equal(15_000 * 13.335m, summary["total"]!.GetValue<decimal>());
    }

    [RealYearFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task The_real_year_is_imported_exactly()
    {
        var summary = await RealYearImport.Summary();

        Assert.Equal(541_909, summary["lines"]!.GetValue<int>());
        Assert.Equal(9_747_747.934m, summary["total"]!.GetValue<decimal>());
        Assert.Equal(25_900, summary["invoices"]!.GetValue<int>());
        Assert.Equal(4_372, summary["customers"]!.GetValue<int>());
        Assert.Equal(38, summary["countries"]!.GetValue<int>());
        Assert.Equal(305, summary["days"]!.GetValue<int>());
        Assert.Equal(3_836, summary["cancellations"]!.GetValue<int>());
        Assert.Equal(-896_812.49m, summary["cancelledValue"]!.GetValue<decimal>());
        Assert.Equal(206_245.48m, summary["topProducts"]![0]![1]!.GetValue<decimal>());
        Assert.Equal(279_489.02m, summary["topCustomers"]![0]![1]!.GetValue<decimal>());
    }

    [RealYearFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task The_figures_of_the_real_year_are_exact()
    {
        decimal[] months =
        [
            748_957.02m, 560_000.26m, 498_062.65m, 683_267.08m, 493_207.121m, 723_333.51m, 691_123.12m, 681_300.111m,
            682_680.51m, 1_019_687.622m, 1_070_704.67m, 1_461_756.25m, 433_668.01m,
        ];

        var summary = await RealYearImport.Summary();

        var revenue = summary["revenueByMonth"]!.AsObject();
        Assert.Equal(["2010-12", "2011-01"], revenue.Take(2).Select(static month => month.Key));
        Assert.Equal(months, revenue.Select(static month => month.Value!.GetValue<decimal>()));
        var countries = summary["revenueByCountry"]!.AsObject();
        Assert.Equal(8_187_806.364m, countries["United Kingdom"]!.GetValue<decimal>());
        Assert.Equal(284_661.54m, countries["Netherlands"]!.GetValue<decimal>());
        Assert.Equal(9_747_747.934m, countries.Sum(static country => country.Value!.GetValue<decimal>()));
        Assert.Equal(20_725, summary["ordersFigure"]!.GetValue<int>());
        Assert.Equal(3_836, summary["cancellationsFigure"]!.GetValue<int>());
    }

    private static string WithoutSeconds(JsonNode summary)
    {
        var copy = summary.DeepClone().AsObject();
        copy.Remove("seconds");
        return copy.ToJsonString();
    }

    /// <summary>Writes invoices with four lines each, which have a total of 13.335 for each invoice.</summary>
    private async Task<string> WriteManyInvoices(int invoices)
    {
        var text = new StringBuilder(
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n");
        var begin = new DateTime(2010, 12, 1, 8, 0, 0, DateTimeKind.Utc);
        for (var invoice = 0; invoice < invoices; invoice++)
        {
            var time = begin.AddSeconds(20 * invoice).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            for (var line = 0; line < 4; line++)
            {
                var (price, customer) = ((line + 1) * 1.3335m, 10_000 + (invoice % 500));
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{200_000 + invoice},A{line},THING {line},1,{time},{price},{customer},France\n");
            }
        }

        var file = Path.Combine(_data.Path, "many.csv");
        await File.WriteAllTextAsync(file, text.ToString());
        return file;
    }
}
