namespace Millrace.Cli.Tests;

/// <summary>Tests the catalog of the model of a build.</summary>
public sealed class ModelTests : IDisposable
{
    private readonly Tool _tool = new();

    private static string Shop => Tool.ProgramFile("Commerce");

    public void Dispose() => _tool.Dispose();

    [Theory]
    [InlineData("model")]
    [InlineData("model list aggregates")]
    [InlineData("model list commands")]
    [InlineData("model list queries")]
    [InlineData("model list read-models")]
    [InlineData("model list consumers")]
    [InlineData("model show order.paid")]
    [InlineData("model show Order")]
    [InlineData("model show pay-order")]
    [InlineData("model show daily-sales")]
    [InlineData("model boundaries")]
    [InlineData("model boundaries Order")]
    [InlineData("model diagram")]
    public async Task The_text_output_of_a_small_model_equals_its_approved_file(string line)
    {
        var folder = Path.GetDirectoryName(Tool.ProgramFile("Examples.Shop"))!; // Every file has a folder.

        var run = await _tool.RunOk([.. line.Split(' '), "--build", folder]);

        Approved.Matches(line.Replace(' ', '-'), run.Output);
    }

    [Fact]
    public async Task The_catalog_shows_the_writers_and_readers_of_each_event()
    {
        var run = await _tool.RunOk("model", "list", "--build", Shop, "--json");

        var paid = run.Json.EnumerateArray().Single(found => found.GetProperty("name").GetString() == "order.paid");
        Assert.Equal("Orders", paid.GetProperty("context").GetString());
        Assert.Equal(1, paid.GetProperty("versions")[0].GetProperty("version").GetInt32());
        Assert.Contains(
            paid.GetProperty("versions")[0].GetProperty("members").EnumerateArray(),
            member =>
                member.GetProperty("name").GetString() == "payment"
                && member.GetProperty("type").GetString() == "PaymentId");
        var writer = Assert.Single(paid.GetProperty("writers").EnumerateArray());
        Assert.Equal("Order", writer.GetProperty("name").GetString());
        Assert.Equal(
            ["confirm-payment", "pay-order"],
            writer.GetProperty("commands").EnumerateArray().Select(name => name.GetString()));
        var readers = paid.GetProperty("readers")
            .EnumerateArray()
            .Select(reader => reader.GetProperty("name").GetString());
        Assert.Equal(["Order", "orders"], readers);
        Assert.All(run.Json.EnumerateArray(), found => Assert.NotEmpty(found.GetProperty("writers").EnumerateArray()));
    }

    [Theory]
    [InlineData(
        "order.created",
        "address",
        "customers.countries value, orders.country value, parcels.country value, parcels.zone value")]
    [InlineData("order.created", "order", "orders key, orders.id value, parcels key, parcels.order value")]
    [InlineData("order.item-removed", "unitPrice", "orders.items condition, orders.total condition")]
    [InlineData("order.paid", "payment", "")]
    [InlineData("order.shipped", "trackingCode", "orders.trackingCode value, parcels.trackingCode value")]
    [InlineData("payment.refunded", "amount", "payments.refunded value, payments.status condition")]
    [InlineData(
        "product.stock-changed",
        "newAvailable",
        "products.available value, products.stock value, stock.available value")]
    [InlineData(
        "product.stock-changed",
        "warehouse",
        "products.available value, products.stock value, stock key, stock.id value, stock.warehouse value")]
    [InlineData(
        "sale.recorded",
        "country",
        "kpi-cancellations value, kpi-orders value, kpi-revenue value, orders.country value, sales key, sales.by key, "
            + "sales.key key, sales.label key")]
    [InlineData(
        "sale.recorded",
        "part",
        "kpi-cancellations condition, kpi-orders condition, sales-totals.invoices condition, "
            + "sales-totals.cancellations condition")]
    public async Task The_catalog_shows_where_each_member_of_an_event_is_used(
        string name, string member, string expected)
    {
        var run = await _tool.RunOk("model", "show", name, "--build", Shop, "--json");

        var shown = run.Json[0].GetProperty("versions")[0].GetProperty("shownIn").EnumerateArray()
            .Where(flow => flow.TryGetProperty("member", out var found) && found.GetString() == member)
            .Select(flow => (Flow: flow, Field: flow.TryGetProperty("field", out var field) ? "." + field : ""))
            .Select(found => $"{found.Flow.GetProperty("readModel")}{found.Field} {found.Flow.GetProperty("as")}");
        Assert.Equal(expected, string.Join(", ", shown));
    }

    [Fact]
    public async Task Uses_of_entire_events_are_shown_and_no_use_in_the_shop_is_unknown()
    {
        var cancelled = await _tool.RunOk("model", "show", "order.cancelled", "--build", Shop);
        var parcels = await _tool.RunOk("model", "show", "parcels", "--build", Shop);
        var all = await _tool.RunOk("model", "list", "read-models", "--build", Shop, "--json");

        Assert.Contains(
            "orders.status; may remove the document of parcels", cancelled.Output, StringComparison.Ordinal);
        Assert.Matches("zone .*order.created \\(address", parcels.Output);
        var flows = all
            .Json.EnumerateArray()
            .SelectMany(model => model.GetProperty("madeOf").EnumerateArray())
            .ToList();
        Assert.True(flows.Count > 100, "The read models of the shop have no recorded uses of events.");
        Assert.DoesNotContain(flows, flow => flow.GetProperty("as").GetString() == "unknown");
    }

    [Fact]
    public async Task Versions_that_only_an_upcaster_reads_are_in_the_catalog()
    {
        var run = await _tool.RunOk("model", "list", "--build", Tool.ProgramFile("Evolution.After"), "--json");

        Assert.Contains(
            run.Json.EnumerateArray(),
            found =>
                found.GetProperty("versions").EnumerateArray().Any(version => !version.TryGetProperty("class", out _)));
        Assert.Contains(run.Json.EnumerateArray(), found => found.GetProperty("alsoStoredAs").GetArrayLength() > 0);
    }

    [Theory]
    [InlineData("events", "order.paid")]
    [InlineData("aggregates", "InventoryItem")]
    [InlineData("commands", "submit-order")]
    [InlineData("queries", "get-sales")]
    [InlineData("read-models", "orders")]
    [InlineData("consumers", "live-feed")]
    [InlineData("processes", "fulfilment")]
    public async Task Each_kind_is_listed_as_a_table_and_as_JSON(string kind, string name)
    {
        var table = await _tool.RunOk("model", "list", kind, "--build", Shop);
        var json = await _tool.RunOk("model", "list", kind, "--build", Shop, "--json");

        Assert.Contains(table.Lines, line => line.Contains(name, StringComparison.Ordinal));
        Assert.Contains(json.Json.EnumerateArray(), found => found.GetProperty("name").GetString() == name);
    }

    [Fact]
    public async Task The_list_can_be_limited_to_one_context()
    {
        var run = await _tool.RunOk("model", "list", "commands", "--context", "payments", "--build", Shop, "--json");

        Assert.Equal(
            ["pay-order", "refuse-payment", "settle-payment"],
            run.Json.EnumerateArray().Select(found => found.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task An_unknown_context_is_reported_with_the_known_contexts()
    {
        var run = await _tool.Run("model", "list", "--context", "Kitchen", "--build", Shop);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("Catalogue, Customers, Figures, Fulfilments, Inventory", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("order.submitted", "The discount on the total.")]
    [InlineData("OrderSubmitted", "submit-order")]
    [InlineData("order", "order-not-empty")]
    [InlineData("SubmitOrder", "must exist; changed: order.submitted")]
    [InlineData("get-stock", "StockView")]
    [InlineData("stock", "product.stock-changed")]
    [InlineData("live-feed", "LiveFeed.Consumer")]
    [InlineData("Fulfilment", "sends reserve-order-stock")]
    [InlineData("fulfilment", "held for a decision")]
    [InlineData("reserve-order-stock", "fulfilment")]
    [InlineData("payment.settled", "process fulfilment")]
    public async Task An_element_of_the_model_is_found_by_any_of_its_names(string name, string expected)
    {
        var run = await _tool.RunOk("model", "show", name, "--build", Shop);

        Assert.Contains(expected, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_name_is_not_found_and_a_similar_one_is_suggested()
    {
        var run = await _tool.Run("model", "show", "order.payed", "--build", Shop, "--json");

        Assert.Equal(3, run.ExitCode);
        Assert.Equal("Did you mean 'order.paid'?", run.ErrorJson.GetProperty("hint").GetString());
    }

    /// <summary>To update the pages: <c>UPDATE_DOCS=1 ./test --only The_shops_pages</c>.</summary>
    [Theory]
    [InlineData("model.md", "diagram", "--format", "markdown")]
    [InlineData("model.html", "diagram", "--format", "html")]
    [InlineData("asyncapi.json", "diagram", "--format", "asyncapi")]
    [InlineData("boundaries.md", "boundaries")]
    public async Task The_shops_pages_in_the_repository_are_current(string file, params string[] command)
    {
        var path = RepositoryRoot.PathOf("samples", "Commerce", "docs", file);
        string[] check = Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1" ? [] : ["--check"];

        var run = await _tool.Run(["model", .. command, "--build", Shop, "--out", path, .. check]);

        Assert.True(
            run.ExitCode == 0,
            $"{run.Output}{run.Error} To update the page: UPDATE_DOCS=1 ./test --only The_shops_pages");
    }

    [Theory]
    [InlineData("mermaid", "flowchart LR")]
    [InlineData("markdown", "# Event model")]
    [InlineData("html", "<!DOCTYPE html>")]
    [InlineData("asyncapi", "\"asyncapi\": \"3.0.0\"")]
    [InlineData("json", "\"isComplete\": true")]
    public async Task Every_format_has_the_same_output_each_time(string format, string beginning)
    {
        var first = await _tool.RunOk("model", "diagram", "--build", Shop, "--format", format);
        var second = await _tool.RunOk("model", "diagram", "--build", Shop, "--format", format);

        Assert.Contains(beginning, first.Output, StringComparison.Ordinal);
        Assert.Equal(first.Output, second.Output);
    }

    [Fact]
    public async Task A_check_without_a_file_and_an_unknown_context_are_refused()
    {
        var check = await _tool.Run("model", "diagram", "--build", Shop, "--check");
        var context = await _tool.Run("model", "diagram", "--build", Shop, "--context", "Kitchen");

        Assert.Equal((2, 3), (check.ExitCode, context.ExitCode));
    }
}
