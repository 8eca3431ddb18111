using System.Text.Json;

namespace Millrace.Cli.Tests;

/// <summary>Tests the command that shows an entity of the sample shop at a point in time.</summary>
public sealed class PointInTimeTests : IDisposable
{
    private const string Customer = Customers.Id;
    private const string Stream = Customers.Stream;

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task The_state_its_documents_and_dead_letters_are_shown_as_of_a_position_and_a_time()
    {
        await _tool.AppendCustomerHistory();

        var first = await _tool.RunOk("at", "1", "show", Stream, "--build", Tool.Shop, "--json");
        var now = await _tool.RunOk("at", "now", "show", Stream, "--build", Tool.Shop);
        var early = await _tool.Run("at", "2000-01-01", "show", Stream, "--build", Tool.Shop);

        Assert.Equal(
            ("12345", 1),
            (Text(first.Json.GetProperty("state"), "name"), first.Json.GetProperty("version").GetInt32()));
        var document = Assert.Single(first.Json.GetProperty("documents").EnumerateArray());
        Assert.Equal(("customers", Customer), (Text(document, "readModel"), Text(document, "key")));
        Assert.Equal(
            ["France"],
            document.GetProperty("value").GetProperty("countries").EnumerateArray().Select(item => item.GetString()));
        Assert.Contains($"{Stream} at position 3: version 2", now.Output, StringComparison.Ordinal);
        Assert.Contains("\"Norway\"", now.Output, StringComparison.Ordinal);
        Assert.Contains("No dead letters.", now.Output, StringComparison.Ordinal);
        Assert.Equal(3, early.ExitCode);
    }

    [Fact]
    public async Task The_difference_between_two_positions_is_reported_and_the_entity_is_found_by_its_number()
    {
        await _tool.AppendCustomerHistory();

        var text = await _tool.RunOk("at", "1", "show", "customer-12345", "--and", "now", "--build", Tool.Shop);
        var json = await _tool.RunOk(
            "at", "1", "show", "customer-12345", "--and", "now", "--build", Tool.Shop, "--json");

        Assert.Contains("customer.country-added @ 2", text.Output, StringComparison.Ordinal);
        Assert.Contains($"customers/{Customer} changed:", text.Output, StringComparison.Ordinal);
        Assert.Contains("countries[1]: (none) -> \"Norway\"", text.Output, StringComparison.Ordinal);
        Assert.Equal(
            (1, 2),
            (json.Json.GetProperty("eventCount").GetInt32(), json.Json.GetProperty("changes").GetArrayLength()));
    }

    [Fact]
    public async Task The_state_of_a_decider_is_shown_and_compared()
    {
        await _tool.OpenWarehouse();

        var first = await _tool.RunOk("at", "1", "show", $"warehouse-{Warehouses.Id}", "--build", Tool.Shop, "--json");
        var difference = await _tool.RunOk(
            "at", "1", "show", $"warehouse-{Warehouses.Id}", "--and", "now", "--build", Tool.Shop);

        Assert.Equal("Warehouse", Text(first.Json, "aggregate"));
        Assert.Equal("""{"name":"The mill","status":"active"}""", first.Json.GetProperty("state").GetRawText());
        Assert.Contains("Warehouse changed:", difference.Output, StringComparison.Ordinal);
        Assert.Contains("status: \"active\" -> \"maintenance\"", difference.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("at 1 show customer-4711", 3)]
    [InlineData("at 4711 show customer-12345", 3)]
    [InlineData("at soonish show customer-12345", 2)]
    [InlineData("at 2 show customer-12345 --and 1", 2)]
    [InlineData("at 1", 2)]
    public async Task Unknown_names_and_invalid_requests_are_reported(string line, int code)
    {
        await _tool.AppendCustomerHistory();

        var run = await _tool.Run([.. line.Split(' '), .. line == "at 1" ? [] : (string[])["--build", Tool.Shop]]);

        Assert.True(run.ExitCode == code, $"It ended with {run.ExitCode}: {run.Error}{run.Output}");
        Assert.NotEmpty(run.Error);
    }

    [Fact]
    public async Task A_command_line_without_a_point_in_time_is_refused()
    {
        await _tool.AppendCustomerHistory();

        var run = await _tool.Run("at", "show", Stream, "--build", Tool.Shop);

        Assert.Equal(2, run.ExitCode);
    }

    private static string? Text(JsonElement element, string member) => element.GetProperty(member).GetString();
}
