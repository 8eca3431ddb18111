using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>
/// Tests members with attributes, modifiers and defaults. Either their values are read back unchanged or the build
/// refuses them.
/// </summary>
public sealed class MemberAttributeTests
{
    private const string Usings = "using System.Text.Json.Serialization; using System.Diagnostics.CodeAnalysis;\n";

    public static TheoryData<string, string, string> Refused { get; } =
        new()
        {
            { "MILL0115", "public sealed record A(int X, [property: JsonIgnore] int Y);", "'Y' of 'A'" },
            { "MILL0115", "public sealed record A(int X, [property: JsonIgnore] string Y);", "'Y'" },
            { "MILL0115", "public sealed class A { [JsonIgnore] public required int X { get; set; } }", "'X'" },
            {
                "MILL0115",
                "public sealed class A { [JsonIgnore] public required int? X { get; init; } "
                    + "public int Y { get; set; } }",
                "'X'"
            },
            { "MILL0115", "public sealed class A { public required int X; }", "'X'" },
            { "MILL0115", "internal sealed class A { internal required int X { get; set; } }", "'X'" },
            {
                "MILL0115",
                "public sealed class A { private int _x; public required int X { set => _x = value; } }",
                "'X'"
            },
            {
                "MILL0115",
                "public abstract class B { [JsonIgnore] public required int X { get; set; } } "
                    + "public sealed class A : B;",
                "'X'"
            },
            {
                "MILL0116",
                "public sealed class A { [JsonConstructor] public A(int x, int other) { X = x; } "
                    + "public int X { get; } }",
                "'other' of the [JsonConstructor] of 'A'"
            },
            {
                "MILL0116",
                "public sealed class A { [JsonConstructor] public A(int x, int other = 1) { X = x; } "
                    + "public int X { get; } }",
                "'other'"
            },
            {
                "MILL0116",
                "public sealed class A { [JsonConstructor] public A(ref int x) { X = x; } public int X { get; } }",
                "'ref'"
            },
            {
                "MILL0116",
                "public sealed class A { [JsonConstructor] public A(out int x) { x = X = 1; } public int X { get; } }",
                "'ref'"
            },
            {
                "MILL0116",
                "public sealed class A { [JsonConstructor] public A(int x, int X) { this.X = x; } "
                    + "public int X { get; } }",
                "another"
            },
            {
                "MILL0116",
                "public sealed class A { [JsonConstructor] A(int x) { X = x; } public A() { } "
                    + "public int X { get; set; } }",
                "public"
            },
            {
                "MILL0116",
                "public sealed class A { [JsonConstructor] public A(long x) { X = (int)x; } public int X { get; } }",
                "'x'"
            },
            { "MILL0021", "public sealed class A { public A(ref int x) { X = x; } public int X { get; } }", "'A'" },
            {
                "MILL0021",
                "public sealed class A { public A(int x, int X) { this.X = x; } public int X { get; } }",
                "'A'"
            },
            { "MILL0117", "public sealed class A { [JsonInclude] private int X { get; set; } }", "'X' of 'A'" },
            { "MILL0117", "public sealed class A { [JsonInclude] public int X; }", "'X'" },
            { "MILL0117", "public sealed class A { [JsonInclude] internal int X { get; init; } }", "'X'" },
            {
                "MILL0117",
                "public sealed class A { [Obsolete(\"x\", true)] public int X { get; set; } }",
                "[Obsolete]"
            },
            {
                "MILL0117",
                "public class B { public int X { get; set; } } public sealed class A : B { internal "
                    + "new int X { get; set; } }",
                "hides"
            },
            {
                "MILL0118",
                "public sealed class A { [JsonNumberHandling(JsonNumberHandling.WriteAsString)] "
                    + "public int X { get; set; } }",
                "'X'"
            },
            {
                "MILL0118",
                "[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] public sealed record A(int X);",
                "'A'"
            },
            {
                "MILL0118",
                "[JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)] public sealed record A(int X);",
                "[JsonObjectCreationHandling]"
            },
            {
                "MILL0118",
                "[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)] public sealed record A(int X);",
                "unknown"
            },
            {
                "MILL0118",
                "public sealed record A(int X) : IJsonOnDeserialized { void IJsonOnDeserialized.OnDeserialized() { } }",
                "'A'"
            },
            {
                "MILL0118",
                "public sealed class Own : JsonConverterAttribute; public sealed record A([property: Own] int X);",
                "[Own]"
            },
            {
                "MILL0020", "public sealed class A : List<int> { public int X { get; set; } }",
                "the content of List is unknown"
            },
            {
                "MILL0020", "public sealed class A : Exception { public int X { get; set; } }",
                "the content of Exception is unknown"
            },
            {
                "MILL0020",
                "public sealed record A([property: JsonConverter(typeof(JsonConverter))] int X);",
                "public constructor"
            },
            { "MILL0020", "public sealed record A([property: JsonConverter(typeof(string))] int X);", "converter" },
            { "MILL0020", "public unsafe sealed class A { public int* X { get; set; } }", "'X'" },
            {
                "MILL0020",
                "[Obsolete(\"x\", true)] public sealed class B; public sealed class A { [Obsolete] "
                    + "public B? X { get; set; } }",
                "use an error"
            },
            { "MILL0024", "public sealed class A { public List<int> X { get; } = []; }", "'X' of 'A'" },
            {
                "MILL0024",
                "public sealed class A { [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public int X { get; "
                    + "private set; } public int Y { get; set; } }",
                "'X' of 'A'"
            },
            {
                "MILL0024",
                "public record B { public int X { get; set; } } public sealed record A : B { public new string X "
                    + "{ get; set; } = \"\"; }",
                "'X'"
            },
            {
                "MILL0024",
                "public sealed class A { private int _x; public void Add() => _x++; public int Get() => _x; }",
                "'_x'"
            },
            {
                "MILL0109",
                "public sealed class A { [JsonExtensionData] public Dictionary<string, object>? X { get; set; } }",
                "'X'"
            },
        };

    public static TheoryData<string, string> Accepted { get; } =
        new()
        {
            { "public sealed record A(int X, [property: JsonIgnore] int Y = 3);", "new A(1)" },
            {
                "public sealed record A(int X, [property: JsonIgnore] int Y) { public A(int x) : this(x, 5) { } }",
                "new A(1)"
            },
            {
                "public sealed record A { [SetsRequiredMembers] public A(int x) { X = x; Y = 2; } public int X { get; "
                    + "} [JsonIgnore] public required int Y { get; init; } }",
                "new A(1)"
            },
            {
                "public sealed record A(string? X = \"x\", int? Y = 5, decimal? Z = -1.50m);",
                "new A(null, null, null)"
            },
            {
                "public sealed record A(double X = -0.0, float Y = 1e30f, char Z = '\\'', bool B = true);",
                "new A(1, 2)"
            },
            {
                "public sealed record A { public string? X { get; init; } = \"x\"; public int? Y { get; set; } = 7; }",
                "new A { X = null, Y = null }"
            },
            {
                "public enum E : long { None, Old = long.MinValue } public readonly record struct S(int V); "
                    + "public sealed record A(E X = E.Old, S Y = default, DateTime Z = default, E? N = E.Old);",
                "new A(E.None, new(3), DateTime.UnixEpoch, null)"
            },
            {
                "public sealed record A(in int X, params string[] Y) { public bool Equals(A? a) => X == a!.X && "
                    + "Y.SequenceEqual(a.Y); public override int GetHashCode() => X; }",
                "new A(1, \"a\", \"b\")"
            },
            { "public sealed record A { public A(ref readonly int x) { X = x; } public int X { get; } }", "new A(7)" },
            {
                "#pragma warning disable CS0612\npublic enum E { A, [Obsolete(\"x\", true)] B } "
                    + "public sealed record A(E X);",
                "new A((E)1)"
            },
            {
                "public abstract record B { public virtual int X { get; set; } } "
                    + "public sealed record A : B { public override int X { get => base.X; } }",
                "new A { X = 4 }"
            },
            {
                "#nullable disable\npublic sealed record A(string X, List<string> Y) { "
                    + "public bool Equals(A a) => X == a.X && Y is null; public override int GetHashCode() => 1; }",
                "new A(null, null)"
            },
            { "public sealed record A(A? Next, int X);", "new A(new A(null, 2), 1)" },
            {
                "public sealed class A(A? next) { public A? Next { get; } = next; public override bool Equals(object? "
                    + "o) => o is A a && (a.Next is null) == (Next is null); public override int GetHashCode() => 1; }",
                "new A(new A(null))"
            },
            {
                "public sealed class A { public string EqualityContract { get; set; } = \"\"; public override bool "
                    + "Equals(object? o) => o is A a && a.EqualityContract == EqualityContract; public override "
                    + "int GetHashCode() => 1; }",
                "new A { EqualityContract = \"x\" }"
            },
            {
                "public enum E { One, Two } public sealed record A([property: "
                    + "JsonConverter(typeof(JsonStringEnumConverter))] E? X);",
                "new A(E.Two)"
            },
            {
                "public enum E { One, Two } public sealed record A([property: "
                    + "JsonConverter(typeof(JsonStringEnumConverter<E>))] E? X);",
                "new A(E.Two)"
            },
            {
                "public sealed record A(int X) : IComparable<A> { int IComparable<A>.CompareTo(A? o) => 0; public int "
                    + "this[int i] => i; public static int Count { get; set; } = 5; }",
                "new A(3)"
            },
            {
                "public sealed class B<T> { public T? X { get; set; } } "
                    + "public sealed record A(int? Y) { public required B<int?> X { get; init; } "
                    + "public bool Equals(A? a) => a!.X.X == X.X; public override int GetHashCode() => 1; }",
                "new A(1) { X = new() { X = null } }"
            },
            {
                "public sealed record A([property: JsonPropertyName(\"b\")] int X, [property: "
                    + "JsonPropertyName(\"x\")] int B, "
                    + "[property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? C);",
                "new A(1, 2, null)"
            },
            {
                "public sealed record A([property: JsonIgnore(Condition = "
                    + "JsonIgnoreCondition.WhenWritingDefault)] string? X = \"a\");",
                "new A(null)"
            },
            {
                "public sealed record A { [JsonInclude] public int X { get; private set; } public static A Of(int "
                    + "x) => new() { X = x }; }",
                "A.Of(4)"
            },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_member_that_would_be_lost_is_refused_at_its_declaration(string id, string source, string message)
    {
        var model = CompiledModel.TryOf(Usings + WithEvent(source), out var problems);
        model?.Dispose();

        var reported = problems.Where(problem => !problem.Id.StartsWith("CS", StringComparison.Ordinal)).ToList();
        var found = Assert.Single(
            reported, problem => problem.Severity == reported.Max(candidate => candidate.Severity));
        Assert.Equal(id, found.Id);
        Assert.Contains(
            message, found.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("Source0.cs", found.Location.GetLineSpan().Path);
        Assert.DoesNotContain(problems, problem => IsErrorOfGeneratedCode(problem));
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void A_value_of_an_accepted_type_is_read_back_unchanged(string source, string value)
    {
        var given = $"public static class Given {{ public static object Value => {value}; }}";
        using var model = CompiledModel.Of($"{Usings}{WithEvent(source)}\n{given}");
        var data = model.Given("Value");

        Assert.Equal(data, model.RoundTrip(data, EventFormat.Json));
        Assert.Equal(data, model.RoundTrip(data, EventFormat.Cbor));
    }

    [Fact]
    public void An_unknown_member_with_the_name_of_a_member_is_refused()
    {
        using var model = CompiledModel.Of(Usings + """
            [Event("a")] public sealed record A(int Number)
            {
                [JsonExtensionData] public Dictionary<string, System.Text.Json.JsonElement>? More { get; init; }
            }
            public static class Given
            {
                public static object Value => new A(1) { More = new() { ["number"] = System.Text.Json.JsonElement.Parse("2") } };
            }
            """);

        foreach (var format in new[] { EventFormat.Json, EventFormat.Cbor })
        {
            var refused = Assert.Throws<CannotSerializeException>(() => model.Write(model.Given("Value"), format));
            Assert.Contains("'number'", refused.Message, StringComparison.Ordinal);
        }
    }

    private static string WithEvent(string source)
    {
        var position = Regex
            .Match(source, @"((public|internal|unsafe|sealed) )+(class|record|record struct) A\b")
            .Index;
        var attributes = source.LastIndexOf("[Json", position, StringComparison.Ordinal);
        var isOfType = attributes >= 0 && source.IndexOfAny([';', '}'], attributes, position - attributes) < 0;
        return source.Insert(isOfType ? attributes : position, "[Event(\"a\")] ");
    }

    private static bool IsErrorOfGeneratedCode(Diagnostic problem) => problem.Severity == DiagnosticSeverity.Error
        && problem.Location.SourceTree?.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) == true;
}
