namespace Millrace.Generators.Tests;

/// <summary>Tests that each code fix removes a mistake and that the fixed code compiles.</summary>
public sealed class FixTests
{
    [Fact]
    public async Task The_fix_makes_a_type_and_its_containing_types_partial()
    {
        var result = await CodeFixRunner.Fix("MILL0001", """
            public class Shop
            {
                [Stream("order")] public sealed class Order : Aggregate<Guid>;
            }
            """);

        Assert.Contains("public partial class Shop", result, StringComparison.Ordinal);
        Assert.Contains("public sealed partial class Order", result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public sealed record Pay(int Cents) : ICommand;", "record Pay(OrderId Order, int Cents)")]
    [InlineData("public sealed record Pay() : ICommand;", "record Pay(OrderId Order)")]
    public async Task The_fix_adds_the_id_that_the_handler_needs_to_a_command(string command, string right)
    {
        var result = await CodeFixRunner.Fix("MILL0043", command + """
            [Id<Guid>] public readonly partial record struct OrderId;
            [Stream("order")] public sealed partial class Order : Aggregate<OrderId>;
            public static class Handlers { public static void Handle(Pay command, Order order) { } }
            """);

        Assert.Contains(right, result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[Secret, Indexed] bool IsActive", "[Secret] bool IsActive")]
    [InlineData("[Secret] [Indexed] bool IsActive", "[Secret] bool IsActive")]
    public async Task The_fix_removes_the_index_of_a_marked_member_with_few_values(string member, string right)
    {
        var result = await CodeFixRunner.Fix("MILL0406", $$"""
            [Event("begun")] public sealed record Begun(int Id);
            public sealed record View(int Id, {{member}});
            [Projection("views")] public sealed partial class Views : Projection<int, View>
            { public static int Key(Begun e) => e.Id; public static View? Apply(View? view, Begun e) => view; }
            """);

        Assert.Contains(right, result, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fix_supports_Fix_all() =>
        Assert.All(CodeFixRunner.All, fix => Assert.NotNull(fix.GetFixAllProvider()));
}
