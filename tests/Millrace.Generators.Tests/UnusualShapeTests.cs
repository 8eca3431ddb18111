namespace Millrace.Generators.Tests;

/// <summary>Tests names and shapes that could break generated code.</summary>
public sealed class UnusualShapeTests
{
    public static TheoryData<string> UnusualShapes => new()
    {
        "[Event(\"a\")] public sealed record A(int Reader, int Member, int Next, int Result, int "
            + "Value, int Writer, int Members);",
        "[Event(\"a\")] public sealed record A(int @class, string @event, int? @default, List<int> @int);",
        "[Event(\"a\")] public sealed record A(int HasB, int B, int has_B);",
        "[Event(\"a\")] public sealed record A;",
        "[Event(\"a\")] public sealed record A(int Exception) { public string B { get; init; } = \"\"; }",
        "[Flags] public enum F : byte { X = 1 } [Event(\"a\")] "
            + "public sealed record A(Dictionary<F, int> B, IReadOnlyDictionary<F, F?> C);",
        "[Event(\"a\")] public sealed record A([property: System.Text.Json.Serialization.JsonIgnore(Condition = "
            + "System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)] int B);",
        "public sealed record P<T>(T X) { public T? Y { get; init; } = default; } "
            + "[Event(\"a\")] public sealed record A(P<int> B);",
        "[Event(\"a\")] public readonly record struct A(int B);",
        "[Event(\"a\")] public sealed class A { public int B { get; set; } = 1; public required "
            + "string C { get; init; } }",
        "[Event(\"a\")] internal sealed record A(B C); internal sealed record B(A? D);",
        "public static partial class Outer { [Event(\"a\")] public sealed record A(B C); "
            + "public readonly record struct B(int D = 3); }",
        "[Event(\"a\")] public sealed record A(Page<Page<int?>> B); "
            + "public sealed record Page<T>(IReadOnlyList<T> Items, T? First);",
        "[Event(\"a\")] public sealed record A(List<List<string?>?> B, Dictionary<string, int?[]> C, string?[]? D);",
        "[Event(\"a\")] public sealed record A(List<int> B, List<int?> C, List<string> D, List<string?> E);",
        "public abstract record Base(int X) { public string Y { get; init; } = \"\"; "
            + "} [Event(\"a\")] public sealed record A(int X, int Z) : Base(X);",
        "public enum E { None = 0, One = 1, Uno = 1 } [Event(\"a\")] public sealed record A(E B, E? C = E.One, "
            + "Dictionary<E, E>? D = null);",
        "public enum E : byte { @event, @class } [Event(\"a\")] public sealed record A(E B = E.@class, long C = -1, "
            + "char D = '\\'', string F = \"\\\"\");",
        "namespace Sub { public sealed record X(int Y); } [Event(\"a\")] public sealed record A(Sub.X B, Other.X C); "
            + "namespace Other { public sealed record X(int Z); }",
        "public struct S { public int A { get; init; } = 5; public S() { } } [Event(\"a\")] public "
            + "sealed record A(S B, S? C);",
        "[Event(\"a\")] public sealed record A([property: "
            + "System.Text.Json.Serialization.JsonPropertyName(\"$ref \\\"x\\\"\")] int B);",
        "[Event(\"a\")] public sealed record A([Tag] IReadOnlyList<string>? B, [Tag(\"x\")] int? C, [Tag] "
            + "DayOfWeek D, [Tag] DateOnly[] E);",
        "[Event(\"a\")] public sealed record A(double B = double.NaN, float C = float.NegativeInfinity, "
            + "double? D = double.PositiveInfinity, float E = 0.1f);",
        "[Event(\"a\")] public sealed record A([Tag] string? URL, [property: "
            + "System.Text.Json.Serialization.JsonPropertyName("
            + "\"other\")] [Tag(\"u\")] string? Url, [property: "
            + "System.Text.Json.Serialization.JsonPropertyName(\"third\")] int uRL);",
        "[Event(\"a\")] public sealed record A([Tag] string @class, [Tag] int? @event, [Tag] string[] @int);",
        "[Obsolete] [Event(\"a\")] public sealed record A([property: Obsolete(\"b\")] int B) { [Obsolete] public int "
            + "C { get; init; } = 3; }",
        "[Event(\"a\")] public sealed class A(int b, string c) { public required int B { get; init; } = b; "
            + "public required string C { get; set; } = c; public required int? D { get; init; } }",
        "[Event(\"a\")] [method: System.Diagnostics.CodeAnalysis.SetsRequiredMembers] public sealed class A(int b) { "
            + "public required int B { get; init; } = b; }",
    };

    [Theory]
    [MemberData(nameof(UnusualShapes))]
    public void Code_for_an_event_of_an_unusual_shape_is_generated_without_a_warning(string source) =>
        Assert.Empty(GeneratorRunner.Problems("[Model] public sealed partial class Sample;\n" + source));

    [Theory]
    [InlineData("public sealed record C(OrderId Order, int Command) : ICommand; "
        + "static class H { public static void Handle(C context, Order command) { } }")]
    [InlineData("public sealed record C(OrderId Order) : ICommand<int?>; "
        + "static class H { public static int? Handle(C c, Order @event) => null; }")]
    [InlineData("public sealed record C(OrderId Order) : ICommand<string?>; "
        + "static class H { public static string Handle(C c) => \"\"; }")]
    [InlineData("public sealed record C : ICommand; static class H { public static ValueTask Handle(C c, "
        + "IServiceProvider s) => default; }")]
    [InlineData("public readonly record struct C(OrderId Order) : ICommand; "
        + "static class H { public static Task Handle(C c, Order o) => Task.CompletedTask; }")]
    [InlineData("public static class H { public sealed record C(OrderId Order) : ICommand; "
        + "public static void Handle(C c, [New] Order o) { } }")]
    [InlineData("public sealed record C(OrderId Order) : ICommand<List<int>>; "
        + "static class H { public static async Task<List<int>> Handle(C c) { await Task.Yield(); return []; } }")]
    [InlineData("public sealed record Q(OrderId? Order, int[] X) : IQuery<IReadOnlyList<Guid>>; "
        + "static class H { public static Guid[] Handle(Q q, CancellationToken t) => []; }")]
    [InlineData("namespace N1 { public sealed record C : ICommand; "
        + "} namespace N2 { [MessageName(\"other\")] public sealed record C : ICommand; "
        + "public static class H { public static void Handle(C c) { } public static void Handle(N1.C c) { } } }")]
    public void Code_for_a_handler_of_an_unusual_shape_is_generated_without_a_warning(string source)
    {
        const string Order = """
            [Model] public sealed partial class Sample;
            [Id<Guid>] public readonly partial record struct OrderId;
            [Stream("order")] public sealed partial class Order : Aggregate<OrderId>;
            """;

        Assert.Empty(GeneratorRunner.Problems(Order + source));
    }

    [Theory]
    [InlineData(
        "[Projection(\"a\")] public sealed partial class P : Projection<string, D> { static string? Key(E e) => null; "
            + "D? Apply(D? d, E e) => d; }")]
    [InlineData(
        "[Projection(\"a\")] public sealed partial class P : Projection<int, D> { static int? Key(E e) => 1; "
            + "static D? Apply(int key, D? d, E e) => d; }")]
    [InlineData(
        "[Projection(\"a\")] public sealed partial class P : Projection<int, D> { static int[] Key(E e, RecordedEvent "
            + "r) => [1]; static D Apply(D? d, E e, RecordedEvent r) => new(1, null); }")]
    [InlineData(
        "public static partial class O { [Projection(\"a\")] internal sealed partial class P : "
            + "Projection<Guid, D> { } }"
    )]
    [InlineData(
        "[Obsolete] public sealed record O([Indexed] int @class, [property: Obsolete] int X);\n#pragma warning "
            + "disable CS0612\n"
            + "[Obsolete] [Projection(\"a\")] public sealed partial class P : Projection<int, O> { [Obsolete] static "
            + "int Key(E e) => 1; "
            + "[Obsolete] static O? Apply(O? d, E e) => d; }")]
    [InlineData(
        "[Event(\"f\")] public record F(int X); [Event(\"g\")] public sealed record G(int X, int Y) : F(X); "
            + "[Projection(\"a\")] public sealed partial class P : Projection<int, D> { static int Key(F e) => 1; "
            + "static D? Apply(D? d, F e) => d; static int Key(G e) => 1; static D? Apply(D? d, G e) => d; }")]
    public void Code_for_a_projection_of_an_unusual_shape_is_generated_without_a_warning(string source)
    {
        const string Document = """
            [Model] public sealed partial class Sample;
            [Event("e")] public sealed record E(int X);
            public sealed record D([Indexed] int X, [Indexed] DayOfWeek? Y, [Indexed] string? Z = null, [Indexed] bool? B = null);
            """;

        Assert.Empty(GeneratorRunner.Problems(Document + source));
    }

    [Theory]
    [InlineData(
        "[Event(\"f\")] public record F(int X); [Event(\"g\")] public sealed record G(int X, int Y) : F(X); "
            + "[Stream(\"s\")] public sealed partial class S : Aggregate<Guid> { private void When(F f) { } "
            + "private void When(G g) { } }"
    )]
    [InlineData(
        "[Event(\"f\")] public record F(int X); [Event(\"g\")] public sealed record G(int X, int Y) : F(X); "
            + "[Decider(\"d\")] public static partial class S { public static int Initial => 0; public static int "
            + "Evolve(int s, F f) => s; public static int Evolve(int s, G g) => s; }")]
    [InlineData(
        "[Event(\"f\")] public sealed record F(int X); [Obsolete] [Stream(\"s\")] public sealed partial class S "
            + ": Aggregate<Guid> { [Obsolete] private void When(F f) { } }")]
    [InlineData(
        "[Stream(\"s\")] public sealed partial class S : Aggregate<Guid> { private Type? _a; private Exception? _b; "
            + "private Task<int>? _c; private Lazy<int>? _d; private System.IO.Stream? _e; private "
            + "System.Reflection.Assembly? _f; "
            + "private KeyValuePair<int, string> _g; private List<KeyValuePair<int, Version>> _h = []; }")]
    public void Code_for_a_state_of_an_unusual_shape_is_generated_without_a_warning(string source) =>
        Assert.Empty(GeneratorRunner.Problems("[Model] public sealed partial class Sample;\n" + source));

    [Fact]
    public void The_generated_code_for_recursive_state_types_has_a_limited_size()
    {
        const string Source = """
            [Stream("s")] public sealed partial class S : Aggregate<Guid> { private Node? _root; private int _behind; }
            public sealed record Node(int X, Node? A, Node? B, Node? C, Node? D, Node? E, Node? F);
            """;

        var code = GeneratorRunner.Files(Source)["S.State.g.cs"];

        Assert.InRange(code.Length, 5_000, 200_000);
        Assert.Contains("this._behind", code, StringComparison.Ordinal);
        Assert.Empty(GeneratorRunner.Problems(Source));
    }

    [Fact]
    public void State_members_of_library_types_are_shown_as_text_without_their_members()
    {
        const string Source = """
            [Stream("s")] public sealed partial class S : Aggregate<Guid>
            {
                private Exception? _failure;
                private Lazy<int>? _late;
                private Version? _version;
                private KeyValuePair<int, string> _pair;
            }
            """;

        var code = GeneratorRunner.Files(Source)["S.State.g.cs"];

        Assert.DoesNotContain("StackTrace", code, StringComparison.Ordinal);
        Assert.DoesNotContain("IsValueCreated", code, StringComparison.Ordinal);
        Assert.Equal(3, code.Split(".ToString());").Length - 1);
        Assert.Contains("this._pair.Key", code, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_is_generated_without_a_namespace_and_without_a_model()
    {
        const string Source = """
            [Id<string>] public readonly partial record struct A;
            [Event("e")] public sealed record E(A X);
            [Stream("s")] public sealed partial class S : Aggregate<A> { private void When(E e) { } }
            """;

        Assert.Empty(GeneratorRunner.Problems(Source));
        Assert.Equal(["A.Id.g.cs", "S.Evolve.g.cs"], GeneratorRunner.Files(Source).Keys.Order(StringComparer.Ordinal));
    }
}
