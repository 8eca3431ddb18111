namespace Millrace.Generators.Tests.Analyzers;

/// <summary>
/// Tests the diagnostics for commands without handlers, handlers that are not found, and raised objects that are not
/// events.
/// </summary>
public sealed class MembershipTests
{
    private const string Shop = """
        [Model] public sealed partial class Shop;
        [Id<Guid>] public readonly partial record struct OrderId;
        [Event("order.placed")] public sealed record OrderPlaced(OrderId Order);
        public sealed record Place(OrderId Order) : ICommand;

        """;

    private const string Handler = "public static class H { public static void Handle(Place c) { } }\n";

    private static string Order(string body) =>
        Shop + Handler + $"[Stream(\"order\")] public sealed partial class Order : Aggregate<OrderId> {{ {body} }}\n";

    public static TheoryData<string, string, string> Mistakes =>
        new()
        {
            { "MILL0038", Order("public void A() => Raise(\"hello\");"), "'Order' raises 'string'" },
            {
                "MILL0038",
                Order("public void A() => Raise(new Told(1));") + "public sealed record Told(int X);",
                "raises 'Told'"
            },
            {
                "MILL0038",
                Order("public void A() { var told = new Told(1); this.Raise(told); }")
                    + "public record struct Told(int X);",
                "[Event("
            },
            { "MILL0055", Shop + "public sealed class H { public void Handle(Place c) { } }", "make it static" },
            { "MILL0056", Shop, "'Handle(Place command, ...)'" },
            {
                "MILL0056",
                Shop + "public static class H { public static void Handel(Place c) { } }",
                "misspelt name"
            },
            {
                "MILL0056",
                Shop + Handler + "public readonly record struct Find(OrderId Order) : IQuery<string>;",
                "'Handle(Find query, ...)'"
            },
        };

    public static TheoryData<string> Correct =>
        new(
            Order(
                "void When(OrderPlaced e) { } public void A() => Raise(new OrderPlaced(Id)); public "
                    + "void B(object e) => Raise(e); "
                    + "public void C(IEvent e) => Raise(e);") + "public interface IEvent;",
            Order("public void A() => new Flag().Raise(1);")
                + "public sealed class Flag { public void Raise(object e) { } }",
            Shop.Replace("[Model] ", "", StringComparison.Ordinal),
            Shop
                + Handler
                + "public abstract record Basic : ICommand; public sealed record Page<T> : IQuery<T>; interface IMine "
                + ": ICommand;",
            Shop
                + "public static class S { public static void Add(ModelBuilder m) => m.Command(new "
                + "CommandDefinition<Place, Nothing>(\"p\", "
                + "c => default(Nothing))); }",
            Shop
                + "public static class S { public static void Add(Millrace.Messaging.TransportBuilder t) => "
                + "t.Request<Place>(\"shop\"); }",
            Shop
                + "[Decider(\"order\")] public static partial class D { public static int Initial => 0;"
                + " public static object[] Decide(Place c, int state) => []; }",
            Shop
                + Handler
                + "public interface IHandle<T> { void Handle(T c); }"
                + " public sealed class Audited : IHandle<Place> { public void Handle(Place c) { } }");

    [Theory]
    [MemberData(nameof(Mistakes))]
    public Task A_mistake_is_reported_with_advice(string id, string source, string advice) =>
        AnalyzerRunner.ExpectOne(id, source, advice);

    [Theory]
    [MemberData(nameof(Correct))]
    public Task Correct_code_is_not_reported(string source) => AnalyzerRunner.ExpectNone(source);
}
