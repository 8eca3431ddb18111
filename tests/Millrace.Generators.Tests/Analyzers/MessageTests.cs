namespace Millrace.Generators.Tests.Analyzers;

/// <summary>Tests the diagnostics and code fixes for the members of messages.</summary>
public sealed class MessageTests
{
    private const string Ids = "[Id<Guid>] public readonly partial record struct OrderId;\n"
        + "[Id<string>] public readonly partial record struct CustomerId;\n";

    private static string Placed(string members) =>
        $"[Event(\"order.placed\")] public sealed record OrderPlaced({members});";

    private static string PlacedWith(string body) =>
        $"[Event(\"order.placed\")] public sealed record OrderPlaced {{ {body} }}";

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "MILL0210", PlacedWith("public int Total { get; set; }"), "'init'" },
        { "MILL0210", PlacedWith("public int Total;"), "make it a property" },
        { "MILL0210", PlacedWith(
            "private int _total; public int Total { get => _total; init => _total = value; }"), "readonly" },
        { "MILL0210", """[Event("order.placed")] public record struct OrderPlaced(int Total);""", "readonly struct" },
        { "MILL0210", Placed("Line Line") + "public sealed record Line { public int Quantity { get; "
            + "set; } }", "'Quantity' of 'Line'" },
        { "MILL0210", Placed("IReadOnlyList<Line> Lines") + "public struct Line { public int Size { get; "
            + "init; } }", "readonly struct" },
        { "MILL0211", Placed("List<int> Lines"), "'IReadOnlyList<int>'" },
        { "MILL0211", Placed("int[] Lines"), "'IReadOnlyList<int>'" },
        { "MILL0211", Placed("HashSet<string>? Tags"), "'IReadOnlySet<string>'" },
        { "MILL0211", Placed("IDictionary<string, int> Prices"), "'IReadOnlyDictionary<string, int>'" },
        { "MILL0211", PlacedWith("public ICollection<int> Lines { get; init; } = [];"), "'IReadOnlyCollection<int>'" },
        { "MILL0212", """[Event("order.placed")] public class OrderPlaced { public int Total { get; init; } }""", "a record" },
        { "MILL0250", Ids + Placed("Guid OrderId, int Total"), "use 'OrderId'" },
        { "MILL0250", Ids + Placed("Guid Order, int Total"), "use 'OrderId'" },
        { "MILL0250", Ids + Placed("OrderId Order, string? CustomerId"), "'string'" },
        { "MILL0250", Ids + Placed("OrderId Order, string PayingCustomerId"), "use 'CustomerId'" },
        { "MILL0250", Ids + "public sealed record PlaceOrder(Guid Order) : ICommand;", "'Order' of 'PlaceOrder'" },
        { "MILL0250", Ids + "public sealed record FindOrder(Guid OrderId) : IQuery<string>;", "use 'OrderId'" },
        { "MILL0251", Placed("double Total"), "'decimal'" },
        { "MILL0251", Placed("float? UnitPrice"), "'float'" },
        { "MILL0251", "public sealed record PayOrder(double Amount) : ICommand;", "'Amount' of 'PayOrder'" },
        { "MILL0251", Placed("Line Line") + "public sealed record Line(double Price);", "'Price' of 'Line'" },
        { "MILL0252", Placed("DateTime PlacedAt"), "'DateTimeOffset'" },
        { "MILL0252", Placed("Line Line") + "public sealed record Line(DateTime? Due);", "'Due' of 'Line'" },
    };

    public static TheoryData<string> Correct => new(
        Placed("IReadOnlyList<int> Lines, byte[] Picture, IEnumerable<string> Names"),
        Placed("System.Collections.Immutable.ImmutableArray<int> Lines"),
        Placed("DateTimeOffset PlacedAt, DateOnly Due, TimeSpan Patience"),
        Placed("decimal Total, double TotalWeight, double DiscountRate, float Temperature, double Latitude"),
        Ids + Placed("OrderId Order, string Customer, Guid PaymentReference, string TransactionId, int Orders"),
        Ids + Placed("OrderId Order, IReadOnlyList<CustomerId> Customers"),
        Ids + Placed("string OrderId, Guid CustomerId, long? PayingCustomerId"),
        PlacedWith("private readonly int _total; public int Total { get => _total; init => _total = value; } "
            + "public int Two => 2 * Total;"),
        """[Event("order.placed")] public readonly record struct OrderPlaced(int Total);""",
        "public sealed record Order { public int Total { get; set; } public List<int> Lines { get; set; } = "
            + "[]; public DateTime At; }",
        "public sealed record PlaceOrder(DateTime At, List<int> Lines) : ICommand;",
        Placed("Node Root") + "public sealed record Node(string Name, IReadOnlyList<Node> Children);");

    [Theory]
    [MemberData(nameof(Mistakes))]
    public Task A_mistake_is_reported_with_advice(string id, string source, string advice) =>
        AnalyzerRunner.ExpectOne(id, source, advice);

    [Theory]
    [MemberData(nameof(Correct))]
    public Task Correct_code_is_not_reported(string source) => AnalyzerRunner.ExpectNone(source);

    [Fact]
    public async Task A_member_type_of_several_messages_is_reported_once()
    {
        var found = await AnalyzerRunner.Find(
            Placed("Line Line")
            + """[Event("order.paid")] public sealed record OrderPaid(Line Line); public sealed record PayOrder(Line Line) : ICommand;"""
            + "public sealed record Line(double Price, DateTime At, List<int> Numbers);");

        Assert.Equal(["MILL0251", "MILL0252", "MILL0211"], found.Select(diagnostic => diagnostic.Id));
    }

    [Theory]
    [InlineData("public int Total { get; set; } = 3;", "public int Total { get; init; } = 3;")]
    [InlineData("public int Total;", "public int Total { get; init; }")]
    [InlineData("public readonly int Total = 3;", "public int Total { get; init; } = 3;")]
    [InlineData("private int _total = 1; public int Total => _total;", "private readonly int _total = 1;")]
    public async Task The_fix_makes_a_member_immutable(string wrong, string right)
        => Assert.Contains(right, await CodeFixRunner.Fix("MILL0210", PlacedWith(wrong)), StringComparison.Ordinal);

    [Fact]
    public async Task The_fix_makes_a_struct_readonly()
    {
        var result = await CodeFixRunner.Fix(
            "MILL0210", """[Event("order.placed")] public partial record struct OrderPlaced(int Total);""");

        Assert.Contains(
            "public readonly partial record struct OrderPlaced(int Total)", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fix_makes_a_class_a_record()
    {
        var result = await CodeFixRunner.Fix(
            "MILL0212", """[Event("order.placed")] public sealed class OrderPlaced(int total) { public int Total { get; } = total; }""");

        Assert.Contains("public sealed record OrderPlaced(int total)", result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MILL0211", "List<int> Lines", "IReadOnlyList<int> Lines")]
    [InlineData("MILL0211", "System.Collections.Generic.List<int>? Lines", "IReadOnlyList<int>? Lines")]
    [InlineData("MILL0211", "string[] Lines", "IReadOnlyList<string> Lines")]
    [InlineData("MILL0211", "Dictionary<string, List<int>> Lines", "IReadOnlyDictionary<string, List<int>> Lines")]
    [InlineData("MILL0250", "Guid OrderId", "OrderId OrderId")]
    [InlineData("MILL0250", "Guid? Order", "OrderId? Order")]
    [InlineData("MILL0251", "double Total", "decimal Total")]
    [InlineData("MILL0251", "float? Total", "decimal? Total")]
    [InlineData("MILL0252", "DateTime PlacedAt", "DateTimeOffset PlacedAt")]
    [InlineData("MILL0252", "DateTime? DueDate", "DateOnly? DueDate")]
    public async Task The_fix_changes_a_member_to_the_recommended_type(string id, string wrong, string right)
        => Assert.Contains($"({right})", await CodeFixRunner.Fix(id, Ids + Placed(wrong)), StringComparison.Ordinal);

    [Fact]
    public async Task The_fix_qualifies_an_id_of_another_namespace()
    {
        var result = await CodeFixRunner.Fix("MILL0250", """
            namespace Sales.Orders { [Id<Guid>] public readonly partial record struct OrderId; }
            namespace Sales.Payments { [Event("payment.received")] public sealed record PaymentReceived(Guid OrderId); }
            """);

        Assert.Contains("PaymentReceived(Orders.OrderId OrderId)", result, StringComparison.Ordinal);
    }
}
