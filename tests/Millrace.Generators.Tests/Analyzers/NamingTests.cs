namespace Millrace.Generators.Tests.Analyzers;

/// <summary>Tests the diagnostics and code fixes for the names of events.</summary>
public sealed class NamingTests
{
    private const string Others =
        """
        [Event("order.placed")] public sealed record OrderPlaced(int Total);
        [Event("order.item-added")] public sealed record OrderItemAdded(int Quantity);
        [Event("invoice.cancelled")] public sealed record InvoiceCancelled(int Number);

        """;

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "MILL0200", """[Event("order.placed")] public sealed record PlaceOrder(int Total);""", "'OrderPlaced'" },
        { "MILL0200", """[Event("order.cancelled")] public sealed record OrderCancellationV2(int Total);""", "'OrderCancelledV2'" },
        { "MILL0201", """[Event("order.place")] public sealed record OrderPlaced(int Total);""", "'order.placed'" },
        { "MILL0201", """[Event("security.alert")] public sealed record SecurityAlertRaised(int Level);""", "'security.alert-raised'" },
        { "MILL0201", """[Event("system.error")] public sealed record SystemErrorOccurred(int Code);""", "NameReason" },
        { "MILL0202", """[Event("order.placed")] public sealed record OrderPlacedEvent(int Total);""", "'OrderPlaced'" },
        { "MILL0202", """[Event("order.placed-event")] public sealed record OrderPlaced(int Total);""", "'order.placed'" },
        { "MILL0203", """[Event("order.created")] public sealed record OrderCreated(int Total);""", "'order.placed'" },
        { "MILL0203", """[Event("product.price-updated")] public sealed record ProductPriceUpdated(int To);""", "'product.price-changed'" },
        {
            "MILL0204",
            """[Event("order.paid-and-shipped")] public sealed record OrderPaidAndShipped(int Total);""",
            "raise 'OrderPaid' and 'OrderShipped'"
        },
        { "MILL0205", """[Event("order.placed")] public sealed record OrderShipped(int Total);""", "'order.shipped'" },
        { "MILL0205", """[Event("order.item-lost")] public sealed record OrderLineLost(int Line);""", "'order.line-lost'" },
        { "MILL0206", """[Event("order-placed")] public sealed record OrderPlaced(int Total);""", "'order.placed'" },
        { "MILL0206", """[Event("placed")] public sealed record OrderPlaced(int Total);""", "'order.placed'" },
        { "MILL0206", """[Event("roomclosed")] public sealed record CloseRoom(int Room);""", "'room.closed'" },
        { "MILL0207", Others + """[Event("orders.shipped")] public sealed record OrderShipped(int Total);""", "'order.shipped'" },
        { "MILL0207", Others + """[Event("order.canceled")] public sealed record OrderCanceled(int Total);""", "'order.cancelled'" },
        {
            "MILL0207",
            Others + """[Event("order.item-lost")] public sealed record OrderItemLost(int Line);"""
                + """[Event("order.item_found")] public sealed record OrderItemFound(int Line);""",
            "'order.item-found'"
        },
        { "MILL0208", """[Event("system.error", NameReason = " ")] public sealed record SystemErrorOccurred(int Code);""", "explain "
            + "the name" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public Task An_invalid_name_is_reported_with_a_better_name(string id, string source, string betterName) =>
        AnalyzerRunner.ExpectOne(id, source, betterName);

    [Theory]
    [InlineData("""[Event("order.placed")] public sealed record OrderPlaced(int Total);""")]
    [InlineData("""[Event("order.placed")] public sealed record OrderPlacedV1(int Total);""")]
    [InlineData("""[Event("order.items-returned")] public sealed record OrderItemReturned(int Total);""")]
    [InlineData("""[Event("inventory.stock-added")] public sealed record StockAdded(int Quantity);""")]
    [InlineData("""[Event("account.deposited")] public sealed record Deposited(int Cents);""")]
    [InlineData("""[Event("user.signed-in")] public sealed record UserSignedIn(int Attempts);""")]
    [InlineData("""[Event("cart.item-added-to")] public sealed record ItemAddedTo(int Attempts);""")]
    [InlineData("""[Event("shop.orders.order.placed")] public sealed record OrderPlaced(int Total);""")]
    [InlineData("""[Event("security.alert", NameReason = "The auditors' name.")] public sealed record SecurityAlertRaised(int Level);""")]
    [InlineData("""
        [Event("security.suspicious_activity", NameReason = "The platform's name.")]
        public sealed record SuspiciousActivityDetected(int Level);
        """)]
    [InlineData("""[Event("system.maintenance", NameReason = "The platform's.")] public sealed record MaintenanceScheduled(int Level);""")]
    [InlineData("""[Event("order.created", NameReason = "A draft is not placed.")] public sealed record OrderCreated(int A);""")]
    [InlineData("public sealed record PlaceOrder(int Total) : ICommand;")]
    [InlineData("public sealed record OrderPlacedEvent(int Total);")]
    public Task A_valid_name_or_a_name_with_a_reason_is_not_reported(string source) =>
        AnalyzerRunner.ExpectNone(source);

    [Fact]
    public Task Consistent_names_are_not_reported() => AnalyzerRunner.ExpectNone(Others);

    [Fact]
    public async Task The_less_frequent_of_two_spellings_of_a_name_is_reported()
    {
        var found = await AnalyzerRunner.Find("""
            [Event("orders.placed")] public sealed record OrderPlaced(int Total);
            [Event("orders.paid")] public sealed record OrderPaid(int Total);
            [Event("order.shipped")] public sealed record OrderShipped(int Total);
            """);

        var message = Assert.Single(found).GetMessage(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains("'orders.shipped'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fix_renames_a_type_in_all_its_uses()
    {
        var result = await CodeFixRunner.Fix("MILL0200", """
            [Event("order.placed")] public sealed record PlaceOrder(int Total);
            public static class Other { public static PlaceOrder One => new PlaceOrder(1); }
            """);

        Assert.Contains("record OrderPlaced(int Total)", result, StringComparison.Ordinal);
        Assert.Contains("OrderPlaced One => new OrderPlaced(1)", result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MILL0201", "order.place", "order.placed")]
    [InlineData("MILL0202", "order.placed-event", "order.placed")]
    [InlineData("MILL0203", "order.placed-updated", "order.placed-changed", "OrderPlacedUpdated")]
    [InlineData("MILL0205", "order.shipped", "order.placed")]
    [InlineData("MILL0206", "order-placed", "order.placed")]
    public async Task The_fix_replaces_a_stored_name(string id, string wrong, string right, string type = "OrderPlaced")
    {
        var result = await CodeFixRunner.Fix(
            id, $$"""[Event("{{wrong}}", Version = 2)] public sealed record {{type}}(int Total);""", "Store it as");

        Assert.Contains($"[Event(\"{right}\", Version = 2)]", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fix_makes_a_name_consistent_with_the_others()
    {
        var result = await CodeFixRunner.Fix(
            "MILL0207", Others + """[Event("orders.shipped")] public sealed record OrderShipped(int Total);""");

        Assert.Contains("[Event(\"order.shipped\")]", result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MILL0201", "system.error", "SystemErrorOccurred")]
    [InlineData("MILL0203", "order.created", "OrderCreated")]
    [InlineData("MILL0205", "order.shipped", "OrderPlaced")]
    [InlineData("MILL0206", "order-placed", "OrderPlaced")]
    public async Task The_fix_keeps_a_name_and_adds_a_reason(string id, string name, string type)
    {
        var result = await CodeFixRunner.Fix(id, $$"""[Event("{{name}}")] public sealed record {{type}}(int Total);""",
            "Keep the name");

        Assert.Contains($"[Event(\"{name}\", NameReason = \"", result, StringComparison.Ordinal);
        Assert.Empty(await AnalyzerRunner.Find(result));
    }

    [Fact]
    public async Task The_fix_removes_an_empty_reason()
    {
        var result = await CodeFixRunner.Fix(
            "MILL0208", """[Event("order.placed", NameReason = "")] public sealed record OrderPlaced(int Total);""");

        Assert.Contains("[Event(\"order.placed\")]", result, StringComparison.Ordinal);
    }
}
