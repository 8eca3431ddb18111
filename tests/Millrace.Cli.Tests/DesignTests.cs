using System.Text.Json;

namespace Millrace.Cli.Tests;

/// <summary>Tests the proposals that the tool makes for a description.</summary>
public sealed class DesignTests : IDisposable
{
    private const string Small = """
        application Mill
        context Sacks
        entity Sack
          weight: integer may change in Full
          states: Empty -> Full by fill
        """;

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Event_names_are_in_the_past_tense_and_have_a_reason()
    {
        var order = (await Design("orders.design")).GetProperty("contexts")[0].GetProperty("aggregates")[0];

        var steps = order
            .GetProperty("steps")
            .EnumerateArray()
            .ToDictionary(step => step.GetProperty("event").GetString()!, StringComparer.Ordinal);
        Assert.Equal("PlaceOrder", steps["OrderPlaced"].GetProperty("command").GetString());
        Assert.Equal("order.paid", steps["OrderPaid"].GetProperty("storedName").GetString());
        Assert.Contains(
            "total", steps["OrderPaid"].GetProperty("tells").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(
            ["Submitted"],
            steps["OrderPaid"].GetProperty("from").EnumerateArray().Select(name => name.GetString()));
        Assert.Contains("StartOrderProcessing", steps["OrderProcessingStarted"].GetProperty("command").GetString());
        Assert.Contains("OrderItemAdded", steps.Keys);
        Assert.All(steps.Values, step => Assert.NotEmpty(step.GetProperty("reason").GetString()!));
        Assert.All(steps.Keys, name => Assert.True(EventNaming.Check(name).IsValid, name));
        Assert.Contains(
            "OrderCreated", order.GetProperty("alsoPossible").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task Boundaries_and_read_models_are_shown_with_their_events()
    {
        var design = await Design("orders.design");

        Assert.Equal(
            ["Orders", "Catalogue", "Inventory", "Customers"],
            design.GetProperty("contexts").EnumerateArray().Select(context => context.GetProperty("name").GetString()));
        var order = design.GetProperty("contexts")[0].GetProperty("aggregates")[0];
        Assert.Equal(["OrderItem"], order.GetProperty("parts").EnumerateArray().Select(part => part.GetString()));
        Assert.Equal(
            ["Customer", "Product", "Payment"],
            order.GetProperty("refersTo").EnumerateArray().Select(name => name.GetString()));
        var sales = design
            .GetProperty("readModels")
            .EnumerateArray()
            .Single(model => model.GetProperty("name").GetString() == "SalesPerDay");
        var row = Assert.Single(sales.GetProperty("transformations").EnumerateArray());
        Assert.Equal(
            ("order.paid", "adds its total to its day"),
            (row.GetProperty("event").GetString(), row.GetProperty("becomes").GetString()));
    }

    [Theory]
    [InlineData("orders.design")]
    [InlineData("reading.design")]
    public async Task The_report_equals_its_approved_file(string file)
    {
        var run = await _tool.RunOk("design", Sample(file));

        Approved.Matches("design-" + Path.GetFileNameWithoutExtension(file), run.Output);
    }

    [Theory]
    [InlineData("entity Sack", 1, "must name the application")]
    [InlineData("application Mill\nentity sack", 2, "is not understood")]
    [InlineData("application Mill\nweight: integer", 2, "does not belong to an entity")]
    [InlineData("application Mill\nentity Sack\n  weight: heavy", 3, "is not an attribute")]
    [InlineData("application Mill\nentity Sack\n  cart: Cart", 3, "'Cart' is neither an entity")]
    [InlineData("application Mill\nentity Sack\n  state: text", 3, "is a reserved name")]
    [InlineData("application Mill\nentity Sack\n  weight: integer\n  weight: integer", 4, "twice")]
    [InlineData("application Mill\nentity Sack\n  states: Empty, Full", 3, "is not a list of states")]
    [InlineData("application Mill\nentity Sack\n  states: Empty -> Blue", 3, "cannot be derived from its name")]
    [InlineData(
        "application Mill\nentity Sack\n  weight: integer may change in Ful\n  states: Empty -> Full by fill",
        3,
        "Did you mean Full?")]
    [InlineData(
        "application Mill\nentity Sack\n  weight: integer\n  rule heavy: weigth > 0 \"No.\"",
        4,
        "Did you mean weight?")]
    [InlineData(
        "application Mill\nentity Sack\n  weight: integer\n  rule heavy: weight is empty \"No.\"", 4, "is numeric")]
    [InlineData("application Mill\nentity Sack\n  weight: integer\n  rule heavy weight > 0", 4, "is not a rule")]
    [InlineData(
        "application Mill\nentity Sack\n  weight: integer\nquery Sum: sum Sack.name per day", 4, "cannot be summed")]
    [InlineData("application Mill\nentity Sack\nquery All: list Sac", 3, "Did you mean Sack?")]
    [InlineData("application Mill\nentity Sack\nquery All: count Sack", 3, "The grouping of the count is missing")]
    public void A_mistake_is_reported_with_its_line_and_advice(string text, int line, string expected) =>
        DesignErrors.AssertReported(text, line, expected);

    [Fact]
    public async Task All_mistakes_are_reported_together_and_nothing_is_written()
    {
        var file = _tool.File("bad.design");
        await File.WriteAllTextAsync(file, Small + "\n  cart: Cart\n  mill: Mil");

        var run = await _tool.Run("design", file, "--out", _tool.File("out"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("line 6: 'Cart'", run.Error, StringComparison.Ordinal);
        Assert.Contains("line 7: 'Mil'", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_tool.File("out")));
    }

    [Fact]
    public async Task A_project_is_written_only_to_an_empty_folder()
    {
        var file = _tool.File("mill.design");
        await File.WriteAllTextAsync(file, Small);

        var first = await _tool.RunOk("design", file, "--out", _tool.File("out"), "--json");
        var second = await _tool.Run("design", file, "--out", _tool.File("out"));

        Assert.Contains(
            "src/Mill/Sacks/Sack.cs",
            first.Json.GetProperty("files").EnumerateArray().Select(name => name.GetString()));
        Assert.True(File.Exists(Path.Combine(_tool.File("out"), "tests", "Mill.Tests", "Sacks", "SackTests.cs")));
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("is not empty", second.Error, StringComparison.Ordinal);
    }

    private async Task<JsonElement> Design(string file) => (await _tool.RunOk("design", Sample(file), "--json")).Json;

    private static string Sample(string file)
    {
        return RepositoryRoot.PathOf("samples", "Designs", file);
    }
}
