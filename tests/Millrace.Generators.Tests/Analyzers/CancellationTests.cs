namespace Millrace.Generators.Tests.Analyzers;

/// <summary>Tests the diagnostics and code fixes for cancellation tokens.</summary>
public sealed class CancellationTests
{
    private const string Model = """
        [Id<Guid>] public readonly partial record struct OrderId;
        public sealed record PlaceOrder(OrderId Order) : ICommand;
        public sealed record FindOrder(OrderId Order) : IQuery<string>;
        public sealed record View(OrderId Id);
        public interface IShelf
        {
            Task<int> Look(int at, CancellationToken cancellationToken = default);
            Task<int> Take(int at, int count = 1, CancellationToken token = default);
            ValueTask Close();
            ValueTask Close(CancellationToken cancellationToken);
            Task Rest();
            int Count(CancellationToken cancellationToken = default);
        }

        """;

    private static string Handler(
        string parameters, string body, string message = "PlaceOrder c", string returns = "Task") =>
        Model
        + $"public static class Handlers {{ public static async {returns} Handle({message}{parameters}) {{ {body} }} "
        + $"}}";

    private static string Consumer(string lambda) =>
        Model + "public static class Setup { public static void Add(MillraceBuilder millrace, IShelf shelf) => "
        + $"millrace.AddConsumer(\"looker\", EventFilter.All, {lambda}); }}";

    public static TheoryData<string, string, string> Mistakes =>
        new()
        {
            { "MILL0240", Handler(", IShelf s, CancellationToken stop", "await s.Look(1);"), "'stop'" },
            { "MILL0240", Handler(", IShelf s, CancellationToken stop", "await s.Close();"), "'Close'" },
            {
                "MILL0240",
                Handler(", IShelf s, CancellationToken stop", "var f = () => s.Take(1); await f();"),
                "'Take'"
            },
            {
                "MILL0240",
                Handler(
                    ", IReadModel<OrderId, View> views, CancellationToken stop",
                    "await views.Get(q.Order); return \"\";",
                    "FindOrder q",
                    "Task<string>"),
                "'Get'"
            },
            { "MILL0240", Consumer("async (recorded, stop) => await shelf.Look(1)"), "'stop'" },
            {
                "MILL0241",
                Handler(", IShelf s", "await s.Look(1); await s.Close();"),
                "The handler of 'PlaceOrder' awaits 'Look'"
            },
            { "MILL0241", Handler(", IShelf s", "await s.Look(1, default);"), "add a CancellationToken" },
            {
                "MILL0241",
                Handler(", IShelf s", "await s.Look(1, CancellationToken.None);"),
                "add a CancellationToken"
            },
        };

    public static TheoryData<string> Correct =>
        new(
            Handler(
                ", IShelf s, CancellationToken stop",
                "await s.Look(1, stop); await s.Take(1, token: stop); await s.Close(stop);"),
            Handler(", IShelf s, CancellationToken stop", "await s.Look(1, CancellationToken.None); _ = s.Count();"),
            Handler(", IShelf s", "await s.Rest();"),
            Handler(
                ", IShelf s, CancellationToken stop",
                "Func<CancellationToken, Task> f = t => s.Look(1, t); await f(stop);"),
            Consumer("async (recorded, stop) => await shelf.Look(1, stop)"),
            Model
                + "public static class Elsewhere { public static Task Handle(string x, IShelf s, CancellationToken "
                + "stop) => s.Look(1); }"
        );

    [Theory]
    [MemberData(nameof(Mistakes))]
    public Task A_mistake_is_reported_with_advice(string id, string source, string advice) =>
        AnalyzerRunner.ExpectOne(id, source, advice);

    [Theory]
    [MemberData(nameof(Correct))]
    public Task Correct_code_is_not_reported(string source) => AnalyzerRunner.ExpectNone(source);

    [Theory]
    [InlineData("await s.Look(1);", "await s.Look(1, stop);")]
    [InlineData("await s.Take(1);", "await s.Take(1, token: stop);")]
    [InlineData("await s.Take(1, 2);", "await s.Take(1, 2, stop);")]
    [InlineData("await s.Close();", "await s.Close(stop);")]
    public async Task The_fix_passes_the_token_to_the_call(string wrong, string right)
    {
        var result = await CodeFixRunner.Fix("MILL0240", Handler(", IShelf s, CancellationToken stop", wrong));

        Assert.Contains(right, result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fix_passes_the_token_of_a_consumer_to_the_call()
    {
        var result = await CodeFixRunner.Fix("MILL0240", Consumer("async (recorded, stop) => await shelf.Look(1)"));

        Assert.Contains("shelf.Look(1, stop)", result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fix_adds_a_token_to_a_handler_and_passes_the_token_to_all_calls()
    {
        var result = await CodeFixRunner.Fix(
            "MILL0241",
            Handler(", IShelf s", "await s.Take(await s.Look(1)); await s.Look(2, default); await s.Rest();"));

        Assert.Contains(
            "Handle(PlaceOrder c, IShelf s, CancellationToken cancellationToken)", result, StringComparison.Ordinal);
        Assert.Contains(
            "s.Take(await s.Look(1, cancellationToken), token: cancellationToken); await s.Look(2, "
                + "cancellationToken); await s.Rest()",
            result,
            StringComparison.Ordinal);
    }
}
