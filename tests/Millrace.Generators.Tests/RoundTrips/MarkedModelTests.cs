using System.Text;
using System.Text.Json;
using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Tests obsolete and experimental types and members, and the order of members.</summary>
public sealed class MarkedModelTests
{
    private const string Usings = "using System.Text.Json.Serialization; using System.Diagnostics.CodeAnalysis;\n"
        + "#pragma warning disable\n";

    [Theory]
    [InlineData("Obsolete")]
    [InlineData("Obsolete(\"old\")")]
    [InlineData("Obsolete(\"old\", DiagnosticId = \"OWN1\")")]
    [InlineData("Experimental(\"OWN2\")")]
    public void Generated_code_uses_obsolete_and_experimental_types_without_a_diagnostic(string mark)
    {
        var source = $$"""
            {{Usings}}
            [{{mark}}] public enum Colour { [{{mark}}] Red, Green }
            [{{mark}}] public sealed record Part([property: {{mark}}] int Number, Colour Colour);
            public sealed record Line { [{{mark}}] public required Part Part { get; init; } [{{mark}}] public int Count { get; set; } = 3; }
            [{{mark}}] [Event("placed")] public sealed record Placed(Line Line, [property: {{mark}}] IReadOnlyList<Part> Parts);
            [{{mark}}] [Id<Guid>] public readonly partial record struct OrderId;
            [{{mark}}] [Value<string>] public readonly partial record struct Mail;
            [{{mark}}] [Stream("order")] public sealed partial class Order : Aggregate<OrderId>
            {
                private Part? _part;
                private void When(Placed e) => _part = e.Line.Part;
            }
            [{{mark}}] public sealed record Document(Part Part);
            [{{mark}}] [Projection("orders")] public sealed partial class Orders : Projection<int, Document>
            {
                public static int Key(Placed e) => 1;
                public static Document? Apply(Document? document, Placed e) => new(e.Line.Part);
            }
            [{{mark}}] public sealed record Go(Mail Mail) : ICommand<Part>;
            [{{mark}}] public static class Handlers { public static Part Handle(Go go) => new(1, Colour.Red); }
            """;
        GeneratorRunner.Driver().RunGeneratorsAndUpdateCompilation(
            GeneratorRunner.Compile(source, CompiledModel.Declaration), out var compilation, out var reported);

        var found = reported.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Concat(
            compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error
                || diagnostic.Location.SourceTree?.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) == true));
        Assert.DoesNotContain(
            found, diagnostic => !diagnostic.IsSuppressed && diagnostic.Severity >= DiagnosticSeverity.Warning);
    }

    [Theory]
    [InlineData("public sealed record D { [Indexed] [Obsolete(\"x\", true)] public int X { get; init; } }", "")]
    [InlineData(
        "public sealed record D { [Indexed] [JsonIgnore] [Obsolete(\"x\", true)] public int X { get; init; } }", "")]
    [InlineData("public sealed record D(int X);", "[Tag] [Obsolete(\"x\", true)] public int Y { get; init; }")]
    [InlineData(
        "public sealed record D(int X);", "[Tag] [JsonIgnore] [Obsolete(\"x\", true)] public int Y { get; init; }")]
    public void A_tag_or_an_indexed_field_that_must_not_be_used_is_refused_at_its_declaration(
        string document, string member)
    {
        using var model = CompiledModel.TryOf(Usings + document + $$"""
            [Event("a")] public sealed record A(int X) { {{member}} }
            [Projection("p")] public sealed partial class P : Projection<int, D>
            {
                public static int Key(A e) => 1;
                public static D? Apply(D? document, A e) => document;
            }
            """, out var problems);

        Assert.Null(model);
        Assert.All(
            problems.Where(found => found.Severity == DiagnosticSeverity.Error),
            found => Assert.Equal("MILL0117", found.Id));
    }

    [Fact]
    public void Members_are_written_in_the_order_that_System_Text_Json_uses()
    {
        using var model = CompiledModel.Of(Usings + """
            [Event("a")] public sealed record A(
                [property: JsonPropertyOrder(2)] int X, int Y, [property: JsonPropertyOrder(-1)] int Z, [property: JsonPropertyOrder(2)] int V);
            public static class Given { public static A Value => new(1, 2, 3, 4); }
            """);
        var value = model.Given("Value");

        var json = model.Write(value, EventFormat.Json);

        Assert.Equal(
            JsonSerializer.Serialize(value, value.GetType(), JsonSerializerOptions.Web), Encoding.UTF8.GetString(json));
        Assert.Equal(value, model.RoundTrip(value, EventFormat.Json));
        Assert.Equal(value, model.RoundTrip(value, EventFormat.Cbor));
    }
}
