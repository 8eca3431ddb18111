using System.Text.Json.Nodes;

namespace Millrace.Generators.Tests;

/// <summary>
/// Tests how the generator finds the members of an event from which a projection computes each field of a read model.
/// </summary>
public sealed class MemberFlowTests
{
    private const string Declarations = """
        namespace Mill.Grain;
        [Model] public sealed partial class Model;
        [Id<Guid>] public readonly partial record struct SackId;
        [Id<string>] public readonly partial record struct SackNumber;
        public sealed record Grain(string Sort, int Kilograms)
        {
            public int Grams => Kilograms * 1000;
        }
        [Event("sack.filled")] public sealed record SackFilled(
            SackId Sack, int Kilograms, string Miller, IReadOnlyList<Grain> Grains, bool IsFull, DateTimeOffset At)
        {
            public int Pounds => Kilograms * 2;
        }
        public sealed record Line(string Sort, int Kilograms);
        public sealed record View(int Kilograms, string Miller, IReadOnlyList<Line> Lines, bool IsFull, int Times, string Note)
        {
            public View Weighing(int kilograms) => this with { Kilograms = kilograms };
        }
        """;

    [Theory]
    // The expression creates or changes the document.
    [InlineData(
        "new(e.Kilograms, e.Miller, [], e.IsFull, 0, \"\")",
        "kilograms=kilograms miller=miller lines isFull=isFull times note")]
    [InlineData(
        "view! with { Kilograms = view.Kilograms + e.Kilograms, Times = view.Times + 1 }", "kilograms=kilograms times")]
    [InlineData("view! with { Miller = e.Miller.Trim().ToUpperInvariant() }", "miller=miller")]
    [InlineData("view! with { Note = $\"{e.Miller}: {e.At:O}\" }", "note=miller,at")]
    [InlineData("view!", "")]
    [InlineData("view! with { Miller = view.Miller }", "")]
    // A condition selects the value. "a=b?c" means that a gets the value of b, under a condition on c.
    [InlineData("view! with { Miller = e.IsFull ? e.Miller : view.Miller }", "miller=miller?isFull")]
    [InlineData("view! with { Note = e.IsFull ? \"full\" : \"not\" }", "note?isFull")]
    [InlineData("view! with { Note = e.Miller switch { \"\" => \"none\", _ => \"one\" } }", "note?miller")]
    [InlineData("e.IsFull ? view! with { Times = 1 } : view!", "times?isFull")]
    [InlineData("view is null ? null : view with { Kilograms = e.Kilograms }", "kilograms=kilograms")]
    [InlineData("view is { IsFull: true } ? view : new(e.Kilograms, \"\", [], true, 0, \"\")", "kilograms=kilograms")]
    // The value passes through code that the generator can follow.
    [InlineData("view?.Weighing(e.Pounds)", "kilograms=kilograms")]
    [InlineData(
        "(view ?? new(0, \"\", [], false, 0, \"\")).Weighing(e.Grains.Sum(grain => grain.Grams))", "kilograms=grains")]
    [InlineData(
        "view! with { Lines = [.. view.Lines, .. e.Grains.Select(one => new Line(one.Sort, one.Kilograms))] }",
        "lines=grains")]
    [InlineData("view! with { Lines = [.. view.Lines.Where(line => line.Sort != e.Miller)] }", "lines?miller")]
    [InlineData("view! with { Kilograms = (int)Math.Max(view.Kilograms, (long)e.Kilograms) }", "kilograms=kilograms")]
    [InlineData("view! with { Kilograms = Twice(e.Kilograms), Miller = Of(named: e.Miller, unused: e.At) }",
        "kilograms=kilograms miller=miller")]
    [InlineData("view! with { Note = new SackNumber(e.Miller).Value }", "note=miller")]
    // The document is removed.
    [InlineData("null", "removed")]
    [InlineData("e.Kilograms == 0 ? null : view! with { Miller = e.Miller }", "miller=miller removed?kilograms")]
    [InlineData("view is null || e.IsFull ? null : view", "removed?isFull")]
    // The value passes through code that the generator cannot follow.
    [InlineData("view! with { Note = e.ToString() }", "note=unknown")]
    [InlineData("view! with { Note = string.Concat((object)e, view.Note) }", "note=unknown")]
    [InlineData("System.Text.Json.JsonSerializer.Deserialize<View>(e.Miller)", "unknown=miller")]
    [InlineData("Activator.CreateInstance<View>() with { Miller = e.Miller }", "miller=miller unknown")]
    public void Sources_of_fields_are_found_in_an_expression(string code, string expected) =>
        Assert.Equal(expected, Describe($"=> {code};"));

    [Theory]
    [InlineData(
        "var kilograms = e.Kilograms; kilograms += 1; return view! with { Kilograms = kilograms };",
        "kilograms=kilograms")]
    [InlineData("if (view is null) return null; return view with { Miller = e.Miller };", "miller=miller")]
    [InlineData("if (e.IsFull) return view; return view! with { Times = 1 };", "times?isFull")]
    [InlineData(
        "var note = \"\"; if (e.IsFull) note = e.Miller; return view! with { Note = note };", "note=miller?isFull")]
    [InlineData(
        "var n = 0; foreach (var one in e.Grains) n += one.Kilograms; return view! with { Kilograms = n };",
        "kilograms=grains")]
    [InlineData("var n = 0; foreach (var grain in e.Grains) n++; return view! with { Times = n };", "times?grains")]
    [InlineData(
        "var lines = view!.Lines.ToList(); lines.Add(new(e.Miller, 1)); return view with { Lines = lines };",
        "lines=miller")]
    [InlineData(
        "var (one, two) = (e.Miller, e.Kilograms); return view! with { Kilograms = two, Note = one };",
        "kilograms=kilograms note=miller")]
    [InlineData("var all = Both(e); return view! with { Note = all.Name };", "note=miller")]
    [InlineData("int Plus(int more) => more + e.Kilograms; return view! with { Times = Plus(1) };", "times=kilograms")]
    [InlineData(
        "Func<int, int> plus = more => more + e.Kilograms; return view! with { Times = plus(1) };", "times=kilograms")]
    [InlineData("Fill(e, out var name); return view! with { Note = name };", "note=miller")]
    [InlineData(
        "switch (e.Miller) { case \"\": return view; default: return view! with { Times = 2 }; }", "times?miller")]
    [InlineData(
        "view ??= new(1, e.Miller, [], false, 0, \"\"); return view with { Times = view.Times + 1 };",
        "miller=miller times")]
    [InlineData("try { return view! with { Kilograms = e.Kilograms }; } finally { }", "kilograms=kilograms")]
    [InlineData("return Round(view!, e, 3);", "unknown=miller")]
    public void Sources_of_fields_are_found_in_statements(string code, string expected) =>
        Assert.Equal(expected, Describe($"{{ {code} }}"));

    [Fact]
    public void A_field_derived_from_the_key_has_the_sources_of_the_key()
    {
        var fold = Fold("""
            public static IEnumerable<string> Key(SackFilled e)
            {
                yield return e.Miller;
                foreach (var grain in e.Grains)
                    yield return grain.Sort;
            }
            public static View? Apply(string key, View? view, SackFilled e, RecordedEvent recorded) => view! with { Note = key };
            """, "string");

        Assert.Equal(["miller", "grains"], fold["key"]!.AsArray().Select(name => (string)name!));
        Assert.True((bool)fold["fields"]![0]!["isKey"]!);
        Assert.Null(fold["fields"]![0]!["values"]);
    }

    [Fact]
    public void Members_and_fields_have_their_names_in_JSON()
    {
        var fold = Fold(
            """
            public static string Key(Weighed e) => e.Who;
            public static Shown? Apply(Shown? view, Weighed e) => new(e.Weight) { Sum = e.Weight };
            """,
            "string",
            """
            [Event("weighed")] public sealed record Weighed([property: JsonPropertyName("kg")] int Weight, string Who);
            public sealed record Shown([property: JsonPropertyName("weight-kg")] int Weight) { public int Sum { get; init; } }
            """,
            "Shown");

        Assert.Equal(["weight-kg", "sum"], fold["fields"]!.AsArray().Select(field => (string)field!["name"]!));
        Assert.All(fold["fields"]!.AsArray(), field => Assert.Equal("kg", (string?)field!["values"]![0]));
    }

    private static string Describe(string body)
    {
        var fold = Fold($$"""
            public static SackId Key(SackFilled e) => e.Sack;
            public static View? Apply(View? view, SackFilled e) {{body}}
            private static int Twice(int value) => value + value;
            private static string Of(DateTimeOffset unused, string named) => named;
            private static (string Name, int Weight) Both(SackFilled e) => (e.Miller, e.Kilograms);
            private static void Fill(SackFilled e, out string name) => name = e.Miller;
            private static View Round(View view, SackFilled e, int left) =>
                left == 0 ? view : Round(view with { Miller = e.Miller }, e, left - 1);
            """);
        Assert.Equal("sack", (string?)fold["key"]![0]);
        List<string> parts = [.. (fold["fields"]?.AsArray() ?? []).Select(field => Describe(field!))];
        if (fold["removes"] is not null)
            parts.Add("removed" + Joined('?', fold["removesBy"]));
        if (fold["isUnknown"] is not null)
            parts.Add("unknown" + Joined('=', fold["unknown"]));
        return string.Join(' ', parts);
    }

    private static string Describe(JsonNode field) => (string)field["name"]! + Joined('=', field["values"])
        + (field["isUnknown"] is null ? "" : "=unknown") + Joined('?', field["conditions"]);

    private static string Joined(char mark, JsonNode? names) =>
        names is null ? "" : mark + string.Join(',', names.AsArray().Select(name => (string)name!));

    private static JsonNode Fold(
        string methods, string key = "SackId", string declarations = "", string document = "View")
    {
        var code = $$"""
            using System.Text.Json.Serialization;
            {{Declarations}}
            {{declarations}}
            [Projection("sacks")] public sealed partial class Sacks : Projection<{{key}}, {{document}}>
            {
                {{methods}}
            }
            """;
        Assert.Empty(GeneratorRunner.Problems(code));
        var file = GeneratorRunner
            .Driver()
            .RunGenerators(GeneratorRunner.Compile(code))
            .GetRunResult()
            .Results[0]
            .GeneratedSources.Single(file => file.HintName.EndsWith(".Description.g.cs", StringComparison.Ordinal));
        return JsonNode.Parse(file.SourceText.ToString().Split("\"\"\"")[1])!["folds"]!.AsArray().Single()!;
    }
}
