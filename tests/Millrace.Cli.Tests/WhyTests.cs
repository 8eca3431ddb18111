using System.Text.Json;

namespace Millrace.Cli.Tests;

/// <summary>Tests the command that explains a value, with a store and the build of the sample shop.</summary>
public sealed class WhyTests : IDisposable
{
    private const string Customer = Customers.Id;
    private const string Stream = Customers.Stream;

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_member_of_a_document_is_explained_in_text()
    {
        await _tool.RegisterCustomer();

        var run = await _tool.RunOk("why", $"customers/{Customer}.email", "--build", Tool.Shop);

        Assert.Equal($"customers/{Customer}.email = \"ada@new.example.org\"", run.Lines[0]);
        Assert.Contains(
            "CustomerProjection.Apply(CustomerView?, CustomerEmailChanged)", run.Output, StringComparison.Ordinal);
        Assert.Contains("customer.email-changed at position 3", run.Output, StringComparison.Ordinal);
        Assert.Contains($"{Stream} @ 2", run.Output, StringComparison.Ordinal);
        Assert.Contains("eve", run.Output, StringComparison.Ordinal);
        Assert.Contains("before    \"ada@example.org\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("customer.registered", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_an_entire_document_each_change_lists_its_members()
    {
        await _tool.RegisterCustomer();

        var run = await _tool.RunOk("why", $"customers/{Customer}", "--build", Tool.Shop);

        var output = string.Join(
            ' ', run.Output.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("email: \"ada@example.org\" -> \"ada@new.example.org\"", output, StringComparison.Ordinal);
        Assert.Contains("username: \"ada\",", output, StringComparison.Ordinal);
        Assert.DoesNotContain("{\"", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" : ,", output, StringComparison.Ordinal); // The first change has no old value.
    }

    [Fact]
    public async Task The_JSON_output_equals_the_HTTP_answer()
    {
        await _tool.RegisterCustomer();

        var run = await _tool.RunOk(
            "why", $"customers/{Customer}.email", "--build", Tool.Shop, "--json", "--most", "1");
        var before = await _tool.RunOk(
            "why", $"customers/{Customer}.email", "--build", Tool.Shop, "--json", "--at", "2");
        var early = await _tool.Run(
            "why", $"customers/{Customer}.email", "--build", Tool.Shop, "--json", "--at", "2000-01-01");

        var found = run.Json;
        Assert.Equal(
            ("document", "customers", Customer, "email"),
            (Text(found, "kind"), Text(found, "name"), Text(found, "key"), Text(found, "member")));
        Assert.Equal(2, found.GetProperty("changeCount").GetInt32());
        var answer = Assert.Single(found.GetProperty("changes").EnumerateArray());
        Assert.Equal(("eve", "ada@example.org"), (Text(answer, "user"), Text(answer, "before")));
        Assert.Equal(3, answer.GetProperty("position").GetInt32());
        Assert.Equal("notStored", Text(found.GetProperty("stored"), "state"));
        Assert.Equal(
            ("ada@example.org", 2), (Text(before.Json, "value"), before.Json.GetProperty("position").GetInt32()));
        Assert.Equal((3, 0), (early.ExitCode, early.Json.GetProperty("events").GetInt32()));
    }

    [Fact]
    public async Task The_state_of_an_aggregate_is_explained_including_private_fields()
    {
        await _tool.RegisterCustomer();

        var member = await _tool.RunOk("why", $"{Stream}.email", "--build", Tool.Shop, "--json");
        var entire = await _tool.RunOk("why", Stream, "--build", Tool.Shop, "--all");

        Assert.Equal(
            ("aggregate", "Customer", "ada@new.example.org"),
            (Text(member.Json, "kind"), Text(member.Json, "name"), Text(member.Json, "value")));
        Assert.Equal(
            "Customer.When(CustomerEmailChanged)",
            member.Json.GetProperty("changes")[0].GetProperty("rules")[0].GetString());
        Assert.Contains("\"name\": \"ada\"", entire.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_state_of_a_decider_is_explained_like_the_state_of_an_aggregate()
    {
        await _tool.OpenWarehouse();

        var status = await _tool.RunOk("why", $"warehouse-{Warehouses.Id}.status", "--build", Tool.Shop);
        var name = await _tool.RunOk("why", $"warehouse-{Warehouses.Id}.name", "--build", Tool.Shop, "--json");
        var early = await _tool.RunOk(
            "why", $"warehouse-{Warehouses.Id}.status", "--build", Tool.Shop, "--json", "--at", "1");
        var unknown = await _tool.Run("why", $"warehouse-{Warehouses.Id}.state", "--build", Tool.Shop);

        Assert.Equal($"warehouse-{Warehouses.Id}.status = \"maintenance\"", status.Lines[0]);
        Assert.Contains("Warehouse.Evolve(WarehouseStatusChanged)", status.Output, StringComparison.Ordinal);
        Assert.Contains("before    \"active\"", status.Output, StringComparison.Ordinal);
        Assert.Equal(
            ("decider", "Warehouse", "The mill"),
            (Text(name.Json, "kind"), Text(name.Json, "name"), Text(name.Json, "value")));
        Assert.Equal(("active", 1), (Text(early.Json, "value"), early.Json.GetProperty("events").GetInt32()));
        Assert.Equal(3, unknown.ExitCode);
        Assert.Contains("Did you mean 'status'?", unknown.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("customres/x.email", 3, "Did you mean 'customers'?")]
    [InlineData($"customers/{Customer}.mail", 3, "Did you mean 'email'?")]
    [InlineData("nothing", 3, "customer-…")]
    [InlineData("customers/0192f0c1-0000-7890-abcd-ef0123456789.email", 3, "No event has created this document.")]
    [InlineData("customer-0192f0c1-0000-7890-abcd-ef0123456789.email", 3, "The stream does not exist.")]
    [InlineData($"{Stream}.nam", 3, "Did you mean 'name'?")]
    [InlineData($"{Stream} --at 4711", 3, "the log ends at 3")]
    [InlineData($"{Stream} --at soonish", 2, "neither a position nor a time")]
    [InlineData($"{Stream} --most -1", 2, "from 0 to 10,000")]
    public async Task Unknown_names_and_invalid_requests_are_reported(string line, int code, string expected)
    {
        await _tool.RegisterCustomer();

        var run = await _tool.Run(["why", .. line.Split(' '), "--build", Tool.Shop]);

        Assert.True(run.ExitCode == code, $"It ended with {run.ExitCode}: {run.Error}{run.Output}");
        Assert.Contains(expected, run.Error + run.Output, StringComparison.Ordinal);
    }

    private static string? Text(JsonElement element, string member) => element.GetProperty(member).GetString();
}
