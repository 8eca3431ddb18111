namespace Millrace.Generators.Tests;

/// <summary>Each fix is applied to a mistake, and what comes out compiles without it.</summary>
public sealed class FixTests
{
    [Fact]
    public async Task A_type_and_those_around_it_are_made_partial()
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
    public async Task A_command_gets_the_id_that_its_handler_needs(string command, string right)
    {
        var result = await CodeFixRunner.Fix("MILL0043", command + """
            [Id<Guid>] public readonly partial record struct OrderId;
            [Stream("order")] public sealed partial class Order : Aggregate<OrderId>;
            public static class Handlers { public static void Handle(Pay command, Order order) { } }
            """);

        Assert.Contains(right, result, StringComparison.Ordinal);
    }

    [Fact]
    public void An_editor_can_apply_each_fix_everywhere() =>
        Assert.All(CodeFixRunner.All, fix => Assert.NotNull(fix.GetFixAllProvider()));
}
