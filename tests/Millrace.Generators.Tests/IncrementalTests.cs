using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Millrace.Generators.Tests;

/// <summary>Tests that an edit repeats only the affected steps of the generator.</summary>
public sealed class IncrementalTests
{
    private const string Model = """
        [Model] public sealed partial class Shop;
        [Id<Guid>] public readonly partial record struct OrderId;
        [Event("order.placed")] public sealed record OrderPlaced(OrderId Order, Money Total);
        [Event("order.paid")] public sealed record OrderPaid(OrderId Order);
        public sealed record Money(decimal Amount);
        [Stream("order")] public sealed partial class Order : Aggregate<OrderId> { private void When(OrderPaid paid) { } }
        public sealed record Pay(OrderId Order) : ICommand;
        public static class Handlers { public static void Handle(Pay command, Order order) { } }
        [Projection("paid")] public sealed partial class Paid : Projection<OrderId, Money>
        {
            public static OrderId Key(OrderPaid paid) => paid.Order;
            public static Money? Apply(Money? money, OrderPaid paid) => money;
        }
        """;

    private const string Other = "public static class Other { public static int Answer() => 42; }";

    [Fact]
    public void An_unrelated_edit_reuses_all_outputs()
    {
        var reasons = OutputsAfter(Model, Other, Model, Other.Replace("42", "43", StringComparison.Ordinal));

        Assert.NotEmpty(reasons);
        Assert.All(reasons, reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void A_line_added_above_the_code_rewrites_no_file()
    {
        var reasons = OutputsAfter(Model, Other, "// A comment.\n" + Model, Other);

        Assert.All(reasons, reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void A_changed_member_rewrites_its_own_converter_and_no_other()
    {
        var before = GeneratorRunner.Driver().RunGenerators(GeneratorRunner.Compile(Model));

        var edited = Model.Replace("decimal Amount", "decimal Amount, string Currency", StringComparison.Ordinal);
        var after = before.RunGenerators(GeneratorRunner.Compile(edited));

        var steps = after
            .GetRunResult()
            .Results[0]
            .TrackedSteps[ModelGenerator.JsonStep]
            .SelectMany(step => step.Outputs)
            .ToList();
        Assert.Single(steps, step => step.Reason == IncrementalStepRunReason.Modified);
        Assert.Contains(
            steps, step => step.Reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged);
    }

    private static List<IncrementalStepRunReason> OutputsAfter(
        string first, string firstOther, string second, string secondOther)
    {
        var compilation = GeneratorRunner.Compile(first, firstOther);
        var driver = GeneratorRunner.Driver().RunGenerators(compilation);
        var edited = compilation;
        foreach (var (tree, text) in compilation.SyntaxTrees.Skip(1).Zip([second, secondOther]))
            edited = edited.ReplaceSyntaxTree(tree, tree.GetText().ToString() == text ? tree : Reparse(tree, text));

        var result = driver.RunGenerators(edited).GetRunResult().Results[0];

        return
        [
            .. result
                .TrackedOutputSteps.SelectMany(step => step.Value)
                .SelectMany(run => run.Outputs)
                .Select(output => output.Reason),
        ];
    }

    private static SyntaxTree Reparse(SyntaxTree tree, string text) =>
        CSharpSyntaxTree.ParseText(text, (CSharpParseOptions)tree.Options, tree.FilePath);
}
