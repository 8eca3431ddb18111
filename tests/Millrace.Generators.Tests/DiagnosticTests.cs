using Microsoft.CodeAnalysis;
using Millrace.Generators.Tests.Analyzers;

namespace Millrace.Generators.Tests;

/// <summary>
/// Tests that each mistake is reported once, at its location, with advice. Correct code is not reported.
/// </summary>
public sealed class DiagnosticTests
{
    private const string Order = """
        [Id<Guid>] public readonly partial record struct OrderId;
        [Event("order.placed")] public sealed record OrderPlaced(OrderId Order);
        [Stream("order")] public sealed partial class Order : Aggregate<OrderId> { }
        public sealed record Place(OrderId Order) : ICommand;
        public sealed record Find(OrderId Order) : IQuery<string>;

        """;

    // These ids are warnings, because the code can be intended. Every other mistake fails or misbehaves at run time.
    private static readonly HashSet<string> Warnings = ["MILL0024", "MILL0054", "MILL0101"];

    public static TheoryData<string, string, string> Mistakes =>
        new()
        {
            { "MILL0001", "[Stream(\"a\")] public sealed class A : Aggregate<Guid> { }", "add 'partial'" },
            {
                "MILL0001",
                "[Projection(\"a\")] public sealed class A : Projection<string, string> { }",
                "add 'partial'"
            },
            { "MILL0002", "[Id<Guid>] public partial record struct A;", "readonly partial record struct A" },
            {
                "MILL0002",
                "[Id<Guid>] public readonly partial record struct A(Guid Value);",
                "readonly partial record struct A"
            },
            {
                "MILL0002",
                "[Value<int>] public readonly partial struct A { static string? Problem(int value) => null; }",
                "record struct A"
            },
            { "MILL0003", "[Id<DateTime>] public readonly partial record struct A;", "[Id<Guid>]" },
            {
                "MILL0004",
                "[Value<object>] public readonly partial record struct A { static string? Problem(object v) => null; }",
                "a text"
            },
            { "MILL0005", "[Value<int>] public readonly partial record struct A;", "string? Problem(int value)" },
            { "MILL0030", "[Stream(\"a\")] public sealed partial class A { }", "Aggregate<TId>" },
            {
                "MILL0031",
                "[Stream(\"a\")] public sealed partial class A : Aggregate<Guid> { void When(string x) { } }",
                "[Event("
            },
            {
                "MILL0032",
                "[Stream(\"a-b\")] public sealed partial class A : Aggregate<Guid> { }",
                "separates category and key"
            },
            {
                "MILL0033",
                Order
                    + "[Stream(\"a\")] public sealed partial class A : Aggregate<Guid> { int When(OrderPlaced p) => "
                    + "1; }",
                "void When"
            },
            {
                "MILL0034",
                Order + "[Stream(\"order\")] public sealed partial class B : Aggregate<Guid> { }",
                "another category"
            },
            {
                "MILL0083",
                Order + "[Decider(\"order\")] public static partial class B { public static int Initial => 0; }",
                "'Order' and 'B'"
            },
            {
                "MILL0083",
                "[Decider(\"a\")] public static partial class A { public static int Initial => 0; } "
                    + "[Decider(\"a\")] public static partial class B { public static int Initial => 0; }",
                "'A' and 'B'"
            },
            {
                "MILL0035",
                "[Stream(\"a\")] public sealed partial class A : Aggregate<Guid> { public required int B; }",
                "required members"
            },
            {
                "MILL0035",
                "[Stream(\"a\")] public sealed partial class A(int x) : Aggregate<Guid> { int X => x; }",
                "without parameters"
            },
            {
                "MILL0036",
                "[Stream(\"a\"), Snapshot] public sealed partial class A : Aggregate<Guid> { }",
                "ISnapshotable<TState>"
            },
            {
                "MILL0037",
                "public readonly record struct Id(int X); [Stream(\"a\")] public sealed partial "
                    + "class A : Aggregate<Id> { }",
                "[Id<Guid>]"
            },
            {
                "MILL0037",
                "public sealed record Id(int X); [Stream(\"a\")] public sealed partial class A : Aggregate<Id> { }",
                "[Id<Guid>]"
            },
            {
                "MILL0040",
                Order + "public static class H { public static int Handle(Place c) => 1; }",
                "promises 'Nothing'"
            },
            {
                "MILL0040",
                Order + "public static class H { public static int Handle(Find q) => 1; }",
                "promises 'string'"
            },
            {
                "MILL0041",
                Order
                    + "public static class H { public static void Handle(Place c) { } }"
                    + "public static class I { public static void Handle(Place c) { } }",
                "remove one"
            },
            {
                "MILL0042",
                Order
                    + "public partial class X : Aggregate<OrderId> { protected override void Evolve(object e) { } }"
                    + "public static class H { public static void Handle(Place c, X x) { } }",
                "[Stream("
            },
            {
                "MILL0042",
                Order + "public static class H { public static void Handle(Place c, [New] string x) { } }",
                "Aggregate<TId>"
            },
            {
                "MILL0043",
                Order
                    + "public sealed record C(int X) : ICommand; public static class H { public static void Handle(C "
                    + "c, Order o) { } }",
                "add one"
            },
            {
                "MILL0044",
                Order
                    + "public sealed record C(OrderId A, OrderId B) : ICommand;"
                    + "public static class H { public static void Handle(C c, Order o) { } }",
                "A, B"
            },
            {
                "MILL0045",
                Order + "public static class H { public static void Handle(Place c, [From(\"Nope\")] Order o) { } }",
                "name one of: Order"
            },
            {
                "MILL0046",
                Order + "public static class H { public static string Handle(Find q, Order o) => \"\"; }",
                "read model"
            },
            {
                "MILL0047",
                Order + "public static class H { public static string Handle(Find q, CommandContext c) => \"\"; }",
                "take a QueryContext"
            },
            {
                "MILL0048",
                Order + "public static class H { public static void Handle(string c, Order o) { } }",
                "ICommand"
            },
            {
                "MILL0049",
                "public sealed record C : ICommand; file static class H { public static void Handle(C c) { } }",
                "'C'"
            },
            {
                "MILL0049",
                Order + "public static class H { private static void Handle(Place c) { } }",
                "internal or public"
            },
            {
                "MILL0050",
                Order
                    + "public static class H { public static void Handle(Place c) { } public static bool "
                    + "Validate(Place c) => true; }",
                "void Validate"
            },
            {
                "MILL0051",
                Order
                    + "[MessageName(\"place\")] public sealed record Q : ICommand;"
                    + "public static class H { public static void Handle(Place c) { } public static void Handle(Q c) "
                    + "{ } }",
                "[MessageName]"
            },
            {
                "MILL0052",
                Order + "public static class H { public static void Handle(Place c, in Guid x) { } }",
                "remove ref"
            },
            {
                "MILL0053",
                Order
                    + "public static class H { public static async void Handle(Place c, Order o) => await "
                    + "Task.Yield(); }",
                "'async Task'"
            },
            {
                "MILL0054",
                Order
                    + "public static class H { public static void Handle(Place c) { Go(); Action a = () => Go(); }"
                    + " static async Task Go() => await Task.Yield(); }",
                "starts 'Go()'"
            },
            {
                "MILL0054",
                Order
                    + "public static class H { public static void Handle(Place c) => Go(1);"
                    + " static async ValueTask<int> Go(int x) { await Task.Yield(); return x; } }",
                "starts 'Go(1)'"
            },
            { "MILL0060", "[Projection(\"a\")] public sealed partial class A { }", "Projection<TKey, TDocument>" },
            {
                "MILL0061",
                Order
                    + "[Projection(\"a\")] public sealed partial class A : Projection<OrderId, string> {"
                    + " public static string? Apply(string? d, OrderPlaced p) => d; }",
                "OrderId Key(OrderPlaced e)"
            },
            {
                "MILL0062",
                Order
                    + "[Projection(\"a\")] public sealed partial class A : Projection<OrderId, string> {"
                    + " public static OrderId Key(OrderPlaced p) => p.Order; }",
                "Apply(string? document, OrderPlaced e)"
            },
            {
                "MILL0062",
                Order
                    + "[Projection(\"a\")] public sealed partial class A : Projection<OrderId, string> {"
                    + " public static OrderId Key(OrderPlaced p) => p.Order;"
                    + " public static string? Aply(string? d, OrderPlaced p) => d; }",
                "rename 'Aply' to 'Apply'"
            },
            {
                "MILL0063",
                Order
                    + "[Projection(\"a\")] public sealed partial class A : Projection<OrderId, string> {"
                    + " public static int Key(OrderPlaced p) => 1; }",
                "'OrderId?'"
            },
            {
                "MILL0064",
                "[Projection(\"a\")] public sealed partial class A : Projection<string, string> { static "
                    + "string Key(string s) => s; }",
                "[Event("
            },
            {
                "MILL0065",
                "public sealed record D([property: Indexed] Exception X);"
                    + "[Projection(\"a\")] public sealed partial class A : Projection<string, D> { }",
                "'X' of 'D'"
            },
            {
                "MILL0065",
                "public sealed record D([property: Indexed] Uri X);"
                    + "[Projection(\"a\")] public sealed partial class A : Projection<string, D> { }",
                "'X' of 'D'"
            },
            {
                "MILL0065",
                "public sealed record D([property: Indexed] byte[] X);"
                    + "[Projection(\"a\")] public sealed partial class A : Projection<string, D> { }",
                "'X' of 'D'"
            },
            {
                "MILL0065",
                "public sealed record D([property: Indexed] System.Text.Json.JsonElement? X);"
                    + "[Projection(\"a\")] public sealed partial class A : Projection<string, D> { }",
                "'X' of 'D'"
            },
            {
                "MILL0065",
                "public sealed record D([property: Indexed] IReadOnlyList<int> X);"
                    + "[Projection(\"a\")] public sealed partial class A : Projection<string, D> { }",
                "'X' of 'D'"
            },
            {
                "MILL0065",
                "public sealed record N(int Y); public sealed record D([property: Indexed] N X);"
                    + "[Projection(\"a\")] public sealed partial class A : Projection<string, D> { }",
                "'X' of 'D'"
            },
            {
                "MILL0074",
                "public sealed record D([property: Expires] long X);"
                    + "[Projection(\"a\")] public sealed partial class A : Projection<string, D> { }",
                "'X' of 'D'"
            },
            {
                "MILL0075",
                "[CompoundIndex(\"X\")] public sealed record D([property: Indexed] long X);"
                    + "[Projection(\"a\")] public sealed partial class A : Projection<string, D> { }",
                "The compound index 'X' of 'D'"
            },
            {
                "MILL0066",
                "[Projection(\"a\")] public sealed partial class A : Projection<string, string> { }"
                    + "[Projection(\"a\")] public sealed partial class B : Projection<string, string> { }",
                "another name or version"
            },
            {
                "MILL0067",
                "[Projection(\"A b\")] public sealed partial class A : Projection<string, string> { }",
                "dashes"
            },
            {
                "MILL0068",
                "public readonly record struct K(int X); [Projection(\"a\")] public sealed partial class A : "
                    + "Projection<K, string> { }",
                "[Id<Guid>]"
            },
            {
                "MILL0068",
                "[Projection(\"a\")] public sealed partial class A : Projection<(string, string), string> { }",
                "IKeyText"
            },
            {
                "MILL0068",
                "[Projection(\"a\")] public sealed partial class A : Projection<(decimal Price, int N), string> { }",
                "IKeyText"
            },
            {
                "MILL0068",
                "[Projection(\"a\")] public sealed partial class A : Projection<System.Uri, string> { }",
                "IKeyText"
            },
            {
                "MILL0068",
                "[Projection(\"a\")] public sealed partial class A : Projection<System.Net.IPAddress, string> { }",
                "IKeyText"
            },
            {
                "MILL0068",
                "public readonly record struct K(int X) : System.IComparable<K> { public int CompareTo(K other) => 0; "
                    + "} [Projection(\"a\")] public sealed partial class A : Projection<K, string> { }",
                "IKeyText"
            },
            { "MILL0037", "[Stream(\"a\")] public sealed partial class A : Aggregate<(int, int)> { }", "IKeyText" },
            {
                "MILL0073",
                "[Process(\"a\")] public sealed class A : Process<System.Net.IPAddress> "
                    + "{ protected override void Define(ProcessBuilder<System.Net.IPAddress> process) { } }",
                "IKeyText"
            },
            {
                "MILL0069",
                "[Projection(\"a\", Lifecycle = ProjectionLifecycle.Inline)] public sealed partial class A :"
                    + " Projection<int, string> { }",
                "Lifecycle = ProjectionLifecycle.Inline, Stream = "
            },
            {
                "MILL0069",
                "[Projection(\"a\", Lifecycle = ProjectionLifecycle.Live)] public sealed partial class A :"
                    + " Projection<int, string> { }",
                "the category it folds"
            },
            {
                "MILL0032",
                "[Projection(\"a\", Stream = \"b-c\")] public sealed partial class A : Projection<int, string> { }",
                "without '-'"
            },
            {
                "MILL0072",
                "public sealed class M; public static class S { public static void "
                    + "Add(MillraceBuilder b) => b.AddModel<M>(); }",
                "mark it with [Model]"
            },
            { "MILL0080", "[Decider(\"a\")] public static partial class A { }", "static 'Initial'" },
            {
                "MILL0081",
                "[Decider(\"a\")] public static partial class A { static int Initial => 0;"
                    + " static int Evolve(int a, string b) => a; }",
                "[Event("
            },
            {
                "MILL0082",
                Order
                    + "[Decider(\"a\")] public static partial class A { static int Initial => 0;"
                    + " public static int Decide(Place command, int state) => 1; }",
                "IEnumerable<object> Decide"
            },
            { "MILL0090", "public sealed class WebOrder : Aggregate<Guid>;", "[Stream(\"weborder\")]" },
            {
                "MILL0090",
                "public sealed partial class WebOrder : Millrace.Aggregate<Guid> { void When(string x) { } }",
                "make it partial"
            },
            {
                "MILL0090",
                "public sealed class DailySales : Projection<Guid, string>;",
                "[Projection(\"daily-sales\")]"
            },
            { "MILL0070", "[Model] public sealed partial class A; [Model] public sealed partial class B;", "keep one" },
            { "MILL0071", "[Model] public sealed class A;", "public sealed partial class A" },
            {
                "MILL0126",
                "[Id<Guid>] public readonly partial record struct A { public static A New() => default; }",
                "'New'"
            },
            { "MILL0127", "public sealed class Millrace;", "hides the meaning of 'Millrace'" },
            { "MILL0128", "[Id<Guid>] file readonly partial record struct A;", "remove 'file'" },
            {
                "MILL0129",
                "[Event(\"a\")] public sealed record E(int A); public abstract class B : Aggregate<Guid> { private "
                    + "void When(E e) { } } [Stream(\"s\")] public sealed partial class S : B;",
                "make it protected"
            },
            {
                "MILL0130",
                Order + "public static class H { public static void Handle<T>(T c) where T : ICommand { } }",
                "is generic"
            },
            {
                "MILL0300",
                "[Event(\"a\", Format = (EventFormat)7)] public sealed record A(int B);",
                "use Json or Cbor"
            },
            {
                "MILL0300",
                "[Event(\"a\", Format = EventFormat.Cbor), Id<Guid>] public readonly partial record struct A;",
                "of a record"
            },
            {
                "MILL0301",
                """
                    [Event("a", Format = EventFormat.Cbor)] public sealed record A(B C);
                    [System.Text.Json.Serialization.JsonConverter(typeof(D))] public sealed record B(int C);
                    public sealed class D : System.Text.Json.Serialization.JsonConverter<B>
                    {
                        public override B Read(ref System.Text.Json.Utf8JsonReader r, Type t, System.Text.Json.JsonSerializerOptions o) => new(1);
                        public override void Write(System.Text.Json.Utf8JsonWriter w, B b, System.Text.Json.JsonSerializerOptions o) { }
                    }
                    """,
                "'B' has a converter"
            },
        };

    [Theory]
    [MemberData(nameof(Mistakes))]
    [MemberData(nameof(EventMistakes.All), MemberType = typeof(EventMistakes))]
    public void A_mistake_is_reported_once_at_its_location_with_advice(string id, string source, string advice)
    {
        var found = GeneratorRunner.Diagnose(source).Where(found => found.Id == id).ToList();

        var only = Assert.Single(found);
        var isHint = id == "MILL0301";
        Assert.Equal(
            isHint ? DiagnosticSeverity.Info
                : Warnings.Contains(id) ? DiagnosticSeverity.Warning
                : DiagnosticSeverity.Error,
            only.Severity);
        Assert.Contains(
            advice, only.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("Source0.cs", only.Location.GetLineSpan().Path);
    }

    [Fact]
    public void Every_diagnostic_is_tested()
    {
        var ids = typeof(DiagnosticIds)
            .GetFields()
            .Select(field => (string)field.GetValue(null)!)
            .Except(ContractTests.Ids)
            // No known code causes this diagnostic. GeneratorResultTests use a step that fails.
            .Except([DiagnosticIds.GeneratorFailed])
            .Except([Marks.SensitiveNameTests.Id]);

        var tables = new[]
        {
            Mistakes,
            EventMistakes.All,
            NamingTests.Mistakes,
            MessageTests.Mistakes,
            MembershipTests.Mistakes,
            PurityTests.Mistakes,
            FoldTests.Mistakes,
            CancellationTests.Mistakes,
            SpecificationTests.Mistakes,
            ProcessDiagnosticTests.Mistakes,
            KpiDiagnosticTests.Mistakes,
            RoundTrips.MemberAttributeTests.Refused,
            Marks.MarkDiagnosticTests.Mistakes,
        };
        var tested = tables.SelectMany(table => table);
        Assert.Equal(
            ids.Order(StringComparer.Ordinal),
            tested.Select(row => (string)row[0]).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_warning_can_be_disabled_at_its_location()
    {
        const string Source = """
            #pragma warning disable MILL0101 // Version 1 was never stored.
            [Event("a.b", Version = 2)] public sealed record AB(int C);
            #pragma warning restore MILL0101
            [Event("a.d", Version = 2)] public sealed record AD(int C);
            """;

        var remaining = Assert.Single(GeneratorRunner.Diagnose(Source), found => !found.IsSuppressed);

        Assert.Equal(("MILL0101", 3), (remaining.Id, remaining.Location.GetLineSpan().StartLinePosition.Line));
    }

    [Fact]
    public void The_generator_does_not_repeat_errors_of_the_compiler()
    {
        const string Source = """
            [Event("a")] public sealed record A(Missing B, List<Missing> C);
            [Stream("a")] public sealed partial class S : Aggregate<Missing> { void When(Missing m) { } }
            public sealed record C(int X) : ICommand<Missing>;
            public static class H { public static Missing Handle(C c, Missing m) => m; public static void Handle(Missing m) { } }
            [Projection("p")] public sealed partial class P : Projection<string, string> { static Missing Key(A a) => default; }
            """;

        Assert.Empty(GeneratorRunner.Diagnose(Source));
    }

    [Theory]
    [InlineData("static Task Handle(Place c) => Go();")]
    [InlineData("static Task Handle(Place c) { return Go(); }")]
    [InlineData("static async Task Handle(Place c) { await Go(); }")]
    [InlineData("static void Handle(Place c) { _ = Go(); }")]
    [InlineData(
        "static void Handle(Place c) { async Task Later() { Go(); await Go(); } Func<Task> f = () => "
            + "{ Go(); return Go(); }; }"
    )]
    public void A_task_that_a_handler_awaits_returns_or_discards_is_not_reported(string handler) =>
        Assert.Empty(
            GeneratorRunner.Diagnose(
                Order
                    + $"public static class H {{ internal {handler} private static async Task Go() => await "
                    + $"Task.Yield(); }}"
            )
        );

    [Theory]
    [InlineData("Guid")]
    [InlineData("string")]
    [InlineData("int")]
    [InlineData("decimal")]
    [InlineData("DateOnly")]
    [InlineData("DayOfWeek")]
    [InlineData("OrderId")]
    public void A_type_with_a_text_form_can_be_an_id_and_a_key(string id) => Assert.Empty(GeneratorRunner.Diagnose(
        Order + $"[Stream(\"a\")] public sealed partial class A : Aggregate<{id}>;"
            + $"[Projection(\"a\")] public sealed partial class P : Projection<{id}, string>;"));

    [Theory]
    [InlineData("public abstract class A : Aggregate<Guid>;")]
    [InlineData("public sealed class A : Aggregate<Guid> { protected override void Evolve(object e) { } }")]
    [InlineData("public class Aggregate<T>; public sealed class A : Aggregate<Guid>;")]
    [InlineData(
        "public sealed class M : IModel { public static void Register(ModelBuilder m) { } }"
            + "public static class S { public static void Add(MillraceBuilder b) => b.AddModel<M>(); }")]
    [InlineData(
        "public sealed class M; public class B { public void AddModel<T>() { } public void "
            + "Add(B b) => b.AddModel<M>(); }"
    )]
    [InlineData(
        "public static class S { public static void Add<T>(MillraceBuilder b) where T : IModel => b.AddModel<T>(); }")]
    public void A_type_that_is_written_by_hand_needs_no_attribute(string source) =>
        Assert.Empty(GeneratorRunner.Diagnose(source));

    [Fact]
    public void Methods_with_the_name_of_a_handler_that_are_no_handlers_are_not_reported()
    {
        const string Source = """
            [Model] public sealed partial class Sample;
            public static class Other { public static void Handle(string text) { } public static int Handle(int a, TimeProvider t) => 1; }
            public class Middleware { public static Task Handle(Exception e, CancellationToken c) => Task.CompletedTask; }
            """;

        Assert.Empty(GeneratorRunner.Diagnose(Source));
        Assert.DoesNotContain("Other", GeneratorRunner.Files(Source)["Sample.Commands.g.cs"], StringComparison.Ordinal);
    }
}
