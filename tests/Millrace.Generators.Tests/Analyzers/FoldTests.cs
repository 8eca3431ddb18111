namespace Millrace.Generators.Tests.Analyzers;

/// <summary>Tests the diagnostics and code fixes for the methods that fold events.</summary>
public sealed class FoldTests
{
    private const string Events = """
        [Id<Guid>] public readonly partial record struct OrderId;
        [Event("order.placed")] public sealed record OrderPlaced(OrderId Order, decimal Total);
        [Event("order.noted")] public sealed record OrderNoted(OrderId Order);
        public sealed record PlaceOrder(OrderId Order) : ICommand;
        public sealed record Sales(decimal Total);

        """;

    private static string InAggregate(string body) =>
        Events + $"[Stream(\"order\")] public sealed partial class Order : Aggregate<OrderId> {{ {body} }}";

    private static string InDecider(string body) => Events
        + "[Decider(\"order\")] public static partial class Orders { public static int Initial => 0; " + body + " }";

    private static string InProjection(string body) =>
        Events
        + $"[Projection(\"sales\")] public sealed partial class SalesProjection : Projection<OrderId, Sales> {{ "
        + $"{body} }}";

    public static TheoryData<string, string, string> Mistakes =>
        new()
        {
            { "MILL0220", InAggregate("public void Place() => Raise(new OrderPlaced(Id, 1));"), "has no When" },
            {
                "MILL0220",
                InAggregate(
                    "public void Do() => Raise(Made()); private OrderPlaced Made() => new(Id, 1); private "
                        + "void When(OrderNoted n) { }"
                ),
                "'OrderPlaced'"
            },
            {
                "MILL0220",
                InDecider("public static OrderPlaced Decide(PlaceOrder c, int state) => new(c.Order, 1);"),
                "has no Evolve"
            },
            { "MILL0221", InAggregate("public void When(OrderPlaced placed) { }"), "private" },
            { "MILL0221", InAggregate("internal void When(OrderPlaced placed) { }"), "'Order'" },
            {
                "MILL0222",
                InProjection(
                    "public OrderId Key(OrderPlaced e) => e.Order; public static Sales? "
                        + "Apply(Sales? s, OrderPlaced e) => s;"
                ),
                "'Key'"
            },
            {
                "MILL0222",
                InProjection(
                    "public static OrderId Key(OrderPlaced e) => e.Order; public Sales? "
                        + "Apply(Sales? s, OrderPlaced e) => s;"
                ),
                "'Apply'"
            },
            { "MILL0131", InAggregate("private void Wen(OrderPlaced placed) { }"), "name it 'When'" },
            {
                "MILL0132",
                InAggregate("")
                    + " public static class Folds { public static void When(this Order order, OrderPlaced placed) "
                    + "{ } }",
                "in 'Order'"
            },
        };

    public static TheoryData<string> Correct =>
        new(
            InAggregate(
                "public void Place() => Raise(new OrderPlaced(Id, 1)); private void When(OrderPlaced placed) { }"),
            Events
                + "public sealed class Order : Aggregate<OrderId> { public void Place() => Raise(new OrderPlaced(Id, "
                + "1));"
                + " protected override void Evolve(object e) { } public void When(string text) { } }",
            InDecider(
                "public static int Evolve(int state, OrderPlaced e) => state + 1;"
                    + " public static OrderPlaced Decide(PlaceOrder c, int state) => new(c.Order, 1);"),
            InProjection(
                "public static OrderId Key(OrderPlaced e) => e.Order; public static Sales? "
                    + "Apply(Sales? s, OrderPlaced e) => s;"
            ),
            "public class Form { public void When(string text) { } public void Apply(int x) { } public "
                + "string Key(int x) => \"\"; }"
        );

    [Theory]
    [MemberData(nameof(Mistakes))]
    public Task A_mistake_is_reported_with_advice(string id, string source, string advice) =>
        AnalyzerRunner.ExpectOne(id, source, advice);

    [Theory]
    [MemberData(nameof(Correct))]
    public Task Correct_code_is_not_reported(string source) => AnalyzerRunner.ExpectNone(source);

    [Fact]
    public async Task The_fix_adds_a_When_method()
    {
        var result = await CodeFixRunner.Fix(
            "MILL0220", InAggregate("public void Place() => Raise(new OrderPlaced(Id, 1));"));

        Assert.Contains("private void When(OrderPlaced placed)", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fix_adds_an_Evolve_method()
    {
        var result = await CodeFixRunner.Fix(
            "MILL0220", InDecider("public static OrderPlaced Decide(PlaceOrder c, int state) => new(c.Order, 1);"));

        Assert.Contains(
            "public static int Evolve(int state, OrderPlaced placed) => state;", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fix_adds_a_Key_method_that_returns_the_only_member_of_the_key_type()
    {
        var result = await CodeFixRunner.Fix(
            "MILL0061", InProjection("public static Sales? Apply(Sales? s, OrderPlaced e) => s;"));

        Assert.Contains(
            "public static OrderId Key(OrderPlaced placed) => placed.Order;", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fix_adds_an_Apply_method()
    {
        var result = await CodeFixRunner.Fix(
            "MILL0062", InProjection("public static OrderId Key(OrderPlaced e) => e.Order;"));

        Assert.Contains(
            "public static Sales? Apply(Sales? document, OrderPlaced placed) => document;",
            result,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public void When(OrderPlaced placed) { }")]
    [InlineData("internal void When(OrderPlaced placed) { }")]
    public async Task The_fix_makes_a_When_method_private(string wrong)
    {
        var result = await CodeFixRunner.Fix("MILL0221", InAggregate(wrong));

        Assert.Contains("private void When(OrderPlaced placed)", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fix_makes_an_Apply_method_static()
    {
        var result = await CodeFixRunner.Fix("MILL0222", InProjection(
            "public static OrderId Key(OrderPlaced e) => e.Order; public Sales? Apply(Sales? s, OrderPlaced e) => s;"));

        Assert.Contains("public static Sales? Apply(Sales? s, OrderPlaced e)", result, StringComparison.Ordinal);
    }
}
