namespace Millrace.Generators.Tests;

/// <summary>
/// Tests that a category of streams has one owner, which is an aggregate or a decider. A reader is not an owner.
/// </summary>
public sealed class CategoryTests
{
    private const string Order = """
        [Id<Guid>] public readonly partial record struct OrderId;
        [Event("order.placed")] public sealed record OrderPlaced(OrderId Order);
        [Stream("order")] public sealed partial class Order : Aggregate<OrderId> { }

        """;

    [Fact]
    public void Owners_of_different_categories_and_readers_are_not_reported()
    {
        const string Source = Order + """
            [Decider("orders")] public static partial class A { public static int Initial => 0; }
            [Decider("order.lines")] public static partial class B { public static int Initial => 0; }
            public sealed record View(string Text);
            [Projection("order", Lifecycle = ProjectionLifecycle.Inline, Stream = "order")]
            public sealed partial class P : Projection<OrderId, View>
            {
                public static OrderId Key(OrderPlaced placed) => placed.Order;
                public static View? Apply(View? view, OrderPlaced placed) => view;
            }
            """;

        Assert.Empty(GeneratorRunner.Diagnose(Source));
    }

    [Fact]
    public void Every_additional_owner_of_a_category_is_reported()
    {
        const string Source = Order + """
            [Stream("order")] public sealed partial class A : Aggregate<Guid> { }
            [Decider("order")] public static partial class B { public static int Initial => 0; }
            [Decider("order")] public static partial class C { public static int Initial => 0; }
            """;

        Assert.Equal(
            [("MILL0034", 3), ("MILL0083", 4), ("MILL0083", 5)],
            GeneratorRunner
                .Diagnose(Source)
                .Select(found => (found.Id, found.Location.GetLineSpan().StartLinePosition.Line))
                .Order());
    }
}
