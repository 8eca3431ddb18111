namespace Millrace.Cli.Tests;

public sealed class NamesTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Invalid_names_are_reported_with_suggestions_and_exit_code_1()
    {
        var run = await _tool.Run([
            "names",
            "check",
            "order.placed",
            "PlaceOrder",
            "orders.shipped",
            "order.paid",
            "--json",
        ]);

        Assert.Equal(1, run.ExitCode);
        var found = run.Json.EnumerateArray().ToList();
        Assert.Equal([true, false, false, true], found.Select(result => result.GetProperty("isValid").GetBoolean()));
        Assert.Equal("pastTense", found[1].GetProperty("issues")[0].GetProperty("rule").GetString());
        Assert.Equal("OrderPlaced", found[1].GetProperty("suggestions")[0].GetString());
        Assert.Equal("consistency", found[2].GetProperty("issues")[0].GetProperty("rule").GetString());
        Assert.Equal("order.shipped", found[2].GetProperty("suggestions")[0].GetString());
    }

    [Fact]
    public async Task Valid_names_have_exit_code_0()
        => Approved.Matches(
            "names-check", (await _tool.RunOk("names", "check", "order.placed", "user.created")).Output);

    [Fact]
    public async Task The_names_in_a_store_are_checked_alone_or_with_other_names()
    {
        await _tool.Append("order-1", "order.placed", "{}");
        await _tool.Append("order-1", "order.pay", "{}");

        var all = await _tool.Run(["names", "check", "--store", _tool.Store, "--json"]);
        var other = await _tool.Run(["names", "check", "orders.shipped", "--store", _tool.Store, "--json"]);

        Assert.Equal(1, all.ExitCode);
        Assert.Equal(
            [("order.pay", false), ("order.placed", true)],
            all.Json.EnumerateArray()
                .Select(result => (result.GetProperty("name").GetString(), result.GetProperty("isValid").GetBoolean()))
                .Order());
        Assert.Equal("order.shipped", other.Json[0].GetProperty("suggestions")[0].GetString());
    }

    [Fact]
    public async Task Names_are_proposed_for_an_entity()
    {
        Approved.Matches("names-propose", (await _tool.RunOk("names", "propose", "Order")).Output);

        var first = (await _tool.RunOk("names", "propose", "shopping cart", "--json")).Json[0];
        Assert.Equal("ShoppingCartStarted", first.GetProperty("name").GetString());
        Assert.Equal("shopping-cart.started", first.GetProperty("storedName").GetString());
        Assert.True(first.GetProperty("domainLanguage").GetBoolean());
    }

    [Theory]
    [InlineData("names", "check")]
    [InlineData("names", "propose")]
    [InlineData("names", "propose", "?")]
    public async Task A_call_without_a_valid_name_is_refused(params string[] line) =>
        Assert.NotEqual(0, (await _tool.Run(line)).ExitCode);
}
