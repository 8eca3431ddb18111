using System.Net;

namespace Commerce.Tests.Api;

/// <summary>
/// Tests concurrent reservations of the same stock. Every unit is reserved once, and every request is answered.
/// </summary>
public sealed class StockRaceTests(RunningShop shop) : IClassFixture<RunningShop>
{
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(50)]
    [InlineData(100)]
    public async Task The_number_of_successful_reservations_equals_the_number_of_reserved_units(int requests)
    {
        var product = await shop.GivenProduct(quantity: 1_000);
        var listed = await shop.Post("/api/inventory", new { product, quantity = 1 });
        var item = (await RunningShop.Json(listed))["item"]!.GetValue<string>();

        var answers = await Task.WhenAll(Enumerable.Range(0, requests).Select(
            _ => shop.Post($"/api/inventory/{item}/reserve", new { order = Guid.NewGuid(), quantity = 1 })));

        var accepted = answers.Where(answer => answer.IsSuccessStatusCode).ToList();
        Assert.NotEmpty(accepted);
        // The server answers with a conflict after three attempts.
        Assert.All(answers.Except(accepted), lost => Assert.Equal(HttpStatusCode.Conflict, lost.StatusCode));
        var last = accepted.MaxBy(answer =>
            long.Parse(answer.Headers.GetValues("Millrace-Version").Single(), provider: null))!;
        var stock = await RunningShop.Json(await shop.Get($"/api/inventory/{item}", after: last));
        Assert.Equal(
            (accepted.Count, 1_001 - accepted.Count),
            (stock["reserved"]!.GetValue<int>(), stock["available"]!.GetValue<int>()));
    }

    [Fact]
    public async Task The_last_unit_is_reserved_only_once()
    {
        var product = await shop.GivenProduct(quantity: 1);
        var orders = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => shop.GivenOrder(product, quantity: 1)));

        var answers = await Task.WhenAll(orders.Select(order => shop.Post($"/api/orders/{order}/submit")));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
    }
}
