using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Tests.Names;

/// <summary>Tests user-defined names that could collide with generated names or generated code.</summary>
public sealed class GeneratedNameTests
{
    private const string Model = "namespace Acme; [Model] public sealed partial class Sample;\n";

    public static TheoryData<string, string[]> Legal => new()
    {
        { "A keyword as a namespace", ["""
            namespace Shop.@event;
            [Model] public sealed partial class Sample;
            [Id<Guid>] public readonly partial record struct OrderId;
            [Event("e")] public sealed record Placed(OrderId Order);
            [Stream("s")] public sealed partial class Order : Aggregate<OrderId> { private int _count;
                private void When(Placed e) => _count++; }
            public sealed record Place(OrderId Order) : ICommand;
            public static class Handlers { public static void Handle(Place place, [New] Order order) { } }
            """] },
        { "Keywords as types", [Model + """
            [Id<Guid>] public readonly partial record struct @class;
            [Value<int>] public readonly partial record struct @int { private static string? Problem(int value) => null; }
            [Event("e")] public sealed record @event(@class Order, List<@int> Counts, @enum Kind, @struct? Inner);
            public enum @enum { @if, @else }
            public sealed record @struct(@int @params);
            [Stream("s")] public sealed partial class @new : Aggregate<@class> { private @int _count;
                private void When(@event e) => _count = e.Counts[0]; }
            public sealed record @is(@class @event) : ICommand;
            public static class @static { public static void Handle(@is @this, @new @new) { } }
            [Projection("p")] public sealed partial class @public : Projection<@class, @struct>
            {
                public static @class Key(@event e) => e.Order;
                public static @struct? Apply(@struct? document, @event e) => e.Inner;
            }
            """] },
        { "Contextual keywords", [Model + """
            #pragma warning disable CS8981
            public static partial class @record
            {
                [Id<Guid>] public readonly partial record struct @required;
                [Event("e")] public sealed record @field(@required @scoped, @required @await);
            }
            [Stream("s")] public sealed partial class @partial : Aggregate<record.@required> { private void When(record.@field e) { } }
            [Decider("d")] public static partial class @file { public static int Initial => 0;
                public static int Evolve(int s, record.@field e) => s; }
            """] },
        { "Names that differ by case alone", [Model + """
            [Id<Guid>] public readonly partial record struct OrderId;
            [Id<Guid>] public readonly partial record struct OrderID;
            [Event("e")] public sealed record Placed(OrderId A, OrderID B, Line C);
            [Event("f")] public sealed record PLaced(LINE A);
            public sealed record Line(int A);
            public sealed record LINE(int A);
            [Stream("s")] public sealed partial class Order : Aggregate<OrderId> { private Line? _line;
                private void When(Placed e) => _line = e.C; }
            [Stream("t")] public sealed partial class ORDER : Aggregate<OrderID> { private LINE? _line;
                private void When(PLaced e) => _line = e.A; }
            public sealed record Go(OrderId Order) : ICommand;
            [MessageName("go-2")] public sealed record GO(OrderID Order) : ICommand;
            public static class Handlers { public static void Handle(Go go, Order order) { } public static void Handle(GO go,
                ORDER order) { } }
            [Decider("d")] public static partial class Points { public static Line Initial => new(0);
                public static Line Evolve(Line s, Placed e) => s; }
            [Decider("c")] public static partial class POINTS { public static Line Initial => new(0);
                public static Line Evolve(Line s, Placed e) => s; }
            """] },
        { "Namespaces that differ by case alone", [
            "namespace Acme.Sales; [Id<Guid>] public readonly partial record struct OrderId;",
            "namespace Acme.SALES; [Id<Guid>] public readonly partial record struct OrderId;",
            Model + "[Event(\"e\")] public sealed record E(Sales.OrderId A, SALES.OrderId B);"] },
        { "Flattened names that collide", [Model + """
            public static class Cart { public sealed record Item(int A); }
            public sealed record Cart_Item(int A);
            [Event("e")] public sealed record E(Cart.Item A, Cart_Item B, Box<Cart.Item> C, BoxOfCart_Item D,
                BoxOfCart_ItemAndint F, Box<Cart.Item, int> G,
                Box<int?> H, BoxOfintOrNull I, int[] J, IntArray K);
            public sealed record Box<T>(T A);
            public sealed record Box<T, TOther>(T A, TOther B);
            public sealed record BoxOfCart_Item(int A);
            public sealed record BoxOfCart_ItemAndint(int A);
            public sealed record BoxOfintOrNull(int A);
            public sealed record IntArray(int A);
            """] },
        { "Names without the namespace of the model that collide", [
            "namespace Acme.Sales; public sealed record Line(int A);",
            "namespace Sales; public sealed record Line(int A);",
            Model + """
                [Event("e")] public sealed record E(Acme.Sales.Line A, global::Sales.Line B);
                public sealed record Go(int A) : ICommand;
                public static class Handlers { public static void Handle(Go go) { } }
                """] },
        { "A converter and a method of one name", [Model + """
            [Event("e")] public sealed record HandleGo(HandleGoJson A);
            public sealed record HandleGoJson(int A);
            public sealed record GoJson(int A) : ICommand;
            public static class Handlers { public static void Handle(GoJson go) { } }
            """] },
        { "User types with the names of .NET types", [Model + """
            public sealed record List(int A);
            public sealed record List<T>(T A);
            public sealed record String(int A);
            public sealed record System(int A);
            public sealed record Millrace(int A);
            public sealed record Guid(int A);
            public sealed record JsonRead(int A);
            public sealed record Utf8JsonReader(int A);
            public sealed record JsonElement(int A);
            [Event("e")] public sealed record E(List A, List<int> B, String C, System D, Millrace F, Guid G, JsonRead H, Utf8JsonReader I,
                global::System.Collections.Generic.List<int> J, string K, global::System.Guid L, JsonElement M,
                    global::System.Text.Json.JsonElement N);
            [Id<global::System.Guid>] public readonly partial record struct OrderId;
            [Stream("s")] public sealed partial class Order : Aggregate<OrderId>
            {
                private Guid? _guid;
                private List<int>? _list;
                private void When(E e) => (_guid, _list) = (e.G, e.B);
            }
            """] },
        { "User types in the global namespace with the names of .NET types", ["""
            using System.Text.Json.Serialization;
            [Model] public sealed partial class Sample;
            public sealed record JsonRead(int A);
            public sealed record JsonWrite(int A);
            public sealed record JsonEncodedText(int A);
            public sealed record CborReader([property: JsonPropertyName("JsonRead")] int JsonWrite, int CborRead);
            public sealed class MemberNames { public int JsonRead { get; init; } = 3; public int JsonTypes { get; set; } = 4; }
            [Event("e")] public sealed record E(JsonRead A, JsonWrite B, CborReader C, MemberNames D, JsonEncodedText F);
            [Value<string>] public readonly partial record struct JsonConverters { private static string? Problem(string value) => null; }
            """] },
        { "A namespace within the namespace of the model with a .NET name", [
            "namespace Acme.System.Text; public sealed record Json(int A);",
            "namespace Acme.Millrace.Serialization; [Id<global::System.Guid>] public readonly "
                + "partial record struct JsonRead;",
            Model + "[Event(\"e\")] public sealed record E(System.Text.Json A, Millrace.Serialization.JsonRead B);"] },
        { "A member of the model with the name of a "
            + "converter", [Model.Replace(";\n", "", StringComparison.Ordinal) + """
             { public static int LineJson => 1; public sealed record OrderJson(int A); public const int HandleGo = 1; }
            [Event("e")] public sealed record E(Line A, Sample.OrderJson B, Order C);
            public sealed record Line(int A);
            public sealed record Order(int A);
            public sealed record Go(int A) : ICommand;
            public static class Handlers { public static void Handle(Go go, CommandContext context) { } }
            """] },
        { "A model with the name of a converter", ["""
            namespace Acme;
            [Model] public sealed partial class LineJson;
            [Event("e")] public sealed record E(Line A);
            public sealed record Line(int A);
            """] },
        { "Members with the names of generated locals and fields", [Model + """
            [Event("e")] public sealed record E([Tag] string? Tags, [Tag] string Data, int Names, int Walk, int Written,
                int FooName, int Foo)
            {
                public int SetFoo { get; init; } = 1;
                public int ReadAsProperty { get; init; } = 2;
                public int Options { get; init; } = 3;
                public int Converter { get; set; } = 4;
            }
            public sealed record Go(int @decided, int B) : ICommand;
            public static class Handlers
            {
                public static ValueTask Handle(Go go, IServiceProvider context, CommandContext contextAggregate,
                    [New, From("decided")] Order command, [From("B")] Order commandAggregate) => default;
            }
            [Stream("s")] public sealed partial class Order : Aggregate<int> { private int data; private void When(E @event) => data++; }
            """] },
        { "Letters of other alphabets", ["""
            namespace Läden.Магазин;
            [Model] public sealed partial class Модель;
            [Id<Guid>] public readonly partial record struct Bestellnummer_ß;
            [Event("e")] public sealed record Bestellung開く(Bestellnummer_ß Größe, int e\u0301, int é, List<Ǆungla> ǅ);
            public sealed record Ǆungla(int ı, int İ, int i, int ſ);
            [Stream("s")] public sealed partial class Заказ : Aggregate<Bestellnummer_ß> { private void When(Bestellung開く e) { } }
            """] },
        { "A JSON name with line breaks", [Model +
            "[Event(\"e\")] public sealed record E([property: "
            + "System.Text.Json.Serialization.JsonPropertyName(\"a\\nb\\u2028;\")] int A);"] },
        { "A handler whose name is written with an at sign", [Model + """
            public sealed record Go(int A) : ICommand;
            public static class Handlers { public static void @Handle(Go go) { } }
            """] },
        { "Names that are very long", [Model + $$"""
            [Id<Guid>] public readonly partial record struct {{new string('A', 400)}};
            [Event("e")] public sealed record E({{new string('A', 400)}} A, Box<Box<{{new string('B', 400)}}>> B,
                Box<{{new string('B', 400)}}> C);
            public sealed record {{new string('B', 400)}}(int A);
            public sealed record Box<T>(T A);
            """] },
        { "Nested generic types", [Model + """
            public static class Outer<T> { public static class Middle<TOther> { public sealed record Inner(T A, TOther B,
                List<Dictionary<string, T?[]>> C); } }
            [Event("e")] public sealed record E(Outer<int>.Middle<string>.Inner A, Outer<int?>.Middle<int[]>.Inner B,
                Outer<string?>.Middle<string>.Inner C,
                Outer<string>.Middle<string?>.Inner D);
            """] },
    };

    [Theory]
    [MemberData(nameof(Legal))]
    public void Generated_code_compiles_for_any_legal_names(string description, string[] sources)
    {
        Assert.NotEmpty(description);

        var problems = GeneratorRunner.Problems(sources);

        Assert.True(problems.Count == 0, string.Join("\n", problems));
        Assert.NotEmpty(GeneratorRunner.Files(sources));
    }

    [Fact]
    public void Names_of_files_do_not_depend_on_the_order_of_the_code()
    {
        string[] parts =
        [
            "[Id<Guid>] public readonly partial record struct OrderId;",
            "[Id<Guid>] public readonly partial record struct OrderID;",
            "[Event(\"e\")] public sealed record E(OrderId A, Box<OrderId> B, BoxOfOrderId C);",
            "public sealed record Box<T>(T A);",
            "public sealed record BoxOfOrderId(int A);",
            "[Model] public sealed partial class Sample;",
        ];

        var inOrder = GeneratorRunner.Files(parts);
        var reversed = GeneratorRunner.Files([.. parts.Reverse()]);

        Assert.Equal(inOrder.Keys.Order(StringComparer.Ordinal), reversed.Keys.Order(StringComparer.Ordinal));
        Assert.All(inOrder, file => Assert.Equal(file.Value, reversed[file.Key]));
    }

    [Fact]
    public void A_file_name_without_a_collision_has_no_digest()
    {
        var files = GeneratorRunner.Files(
            Model
                + "[Id<Guid>] public readonly partial record struct OrderId; [Event(\"e\")] public sealed record "
                + "E(OrderId A);"
        );

        Assert.Contains("Acme.OrderId.Id.g.cs", files.Keys);
        Assert.Contains("Acme.Sample.Json.EJson.g.cs", files.Keys);
    }

    [Theory]
    [InlineData("[Id<Guid>] public readonly partial record struct Value;")]
    [InlineData("[Id<Guid>] public readonly partial record struct Parse;")]
    [InlineData("[Id<Guid>] public readonly partial record struct A { public static A New() => default; }")]
    [InlineData("[Id<Guid>] public readonly partial record struct A { public override string ToString() => \"\"; }")]
    [InlineData(
        "[Id<Guid>] public readonly partial record struct A { public static A Parse(int value) => default; }", false)]
    [InlineData("[Id<Guid>] public readonly partial record struct A { public sealed class JsonConverter; }")]
    [InlineData("[Id<int>] public readonly partial record struct A { public int CompareTo(A other) => 0; }")]
    [InlineData("[Id<int>] public readonly partial record struct A { public static int IsDefault() => 0; }")]
    [InlineData("[Model] public sealed partial class Json;")]
    [InlineData("[Model] public sealed partial class Sample { public static int JsonTypes => 1; }")]
    [InlineData("[Model] public sealed partial class Sample { public static void Register(ModelBuilder model) { } }")]
    [InlineData("[Model] public sealed partial class Sample { public static void Register(int model) { } }", false)]
    [InlineData("[Decider(\"a\")] public static partial class Decider { public static int Initial => 0; }")]
    [InlineData(
        "[Decider(\"a\")] public static partial class A { public static int Initial => 0; public "
            + "static int Decider => 0; }"
    )]
    [InlineData("[Stream(\"a\")] public sealed partial class Evolve : Aggregate<Guid>;")]
    [InlineData("[Stream(\"a\")] public sealed partial class A : Aggregate<Guid> { private int Evolve; }")]
    [InlineData("[Projection(\"a\")] public sealed partial class Fold : Projection<int, string>;")]
    public void A_member_that_collides_with_a_generated_member_is_refused_at_its_location(
        string source, bool isRefused = true)
    {
        var problems = GeneratorRunner.Diagnose(source);

        if (isRefused)
            Assert.Equal(["MILL0126"], problems.Select(problem => problem.Id).Distinct());
        Assert.DoesNotContain(
            GeneratorRunner.Problems(source), problem => problem.Contains(".g.cs", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("public sealed class System;")]
    [InlineData("public sealed class Millrace;")]
    [InlineData("public delegate void Microsoft();")]
    [InlineData("namespace Acme { public sealed class @var; }")]
    public void A_type_that_hides_the_namespaces_of_generated_code_is_refused(string source) =>
        Assert.Contains("MILL0127", GeneratorRunner.Diagnose(source).Select(problem => problem.Id));

    [Theory]
    [InlineData("[Id<Guid>] file readonly partial record struct A;")]
    [InlineData("[Stream(\"a\")] file sealed partial class A : Aggregate<Guid>;")]
    [InlineData("[Projection(\"a\")] file sealed partial class A : Projection<int, string>;")]
    [InlineData("[Decider(\"a\")] file static partial class A { public static int Initial => 0; }")]
    [InlineData("file static partial class O { [Id<Guid>] public readonly partial record struct A; }")]
    [InlineData("[Model] file sealed partial class A;")]
    public void A_file_local_type_is_refused(string source)
    {
        var problems = GeneratorRunner.Problems(source);

        Assert.Contains(problems, problem => problem.Contains("MILL0128", StringComparison.Ordinal));
        Assert.DoesNotContain(problems, problem => problem.Contains(".g.cs", StringComparison.Ordinal));
    }
}
