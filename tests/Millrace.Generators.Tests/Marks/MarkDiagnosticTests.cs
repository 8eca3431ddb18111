using Microsoft.CodeAnalysis;
using Millrace.Generators.Tests.Analyzers;

namespace Millrace.Generators.Tests.Marks;

/// <summary>
/// Tests that each mistake with a mark is reported once, with advice. Correct marks are not reported.
/// </summary>
public sealed class MarkDiagnosticTests
{
    private const string Model = """
        using System.Text.Json.Serialization;
        using Millrace.Storage;
        [Model] public sealed partial class Sample;
        [Id<string>] public readonly partial record struct CustomerId;
        [Id<Guid>] public readonly partial record struct OrderId;
        [Stream("customer")] public sealed partial class Customer : Aggregate<CustomerId>;
        [Stream("order")] public sealed partial class Order : Aggregate<OrderId>;
        [Stream("basket")] public sealed partial class Basket : Aggregate<OrderId>;

        """;

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "MILL0400", Event("[PersonalData(Subject = \"Other\")] string Name"), "no stored member 'Other'" },
        { "MILL0400", Event("Guid Id, [PersonalData(Subject = \"Id\")] string Name"), "set SubjectType" },
        { "MILL0400", Event("OrderId Id, [PersonalData(Subject = \"Id\")] string Name"), "order, basket" },
        { "MILL0400", Event("bool Id, [PersonalData(Subject = \"Id\")] string Name"), "must be an id" },
        { "MILL0400", Event("CustomerId? Id, [PersonalData(Subject = \"Id\")] string Name"), "make both nullable" },
        { "MILL0400", Event("[PersonalData(SubjectType = \"customer\")] string Name"), "SubjectType requires Subject" },
        { "MILL0400", Document("[PersonalData] string Name"), "Subject = nameof(...)" },
        { "MILL0400", Document("IReadOnlyList<Guest> Guests") + Record("Guest", "[PersonalData] string Name"),
            "'Name' of 'Guest'" },
        { "MILL0400", Command("[PersonalData] string Name"), "the answer of a command has no stream" },
        { "MILL0401", Event("[PersonalData, Tag] string Name"), "it is also [Tag]" },
        { "MILL0401", Event("[Secret] CustomerId Id, [PersonalData(Subject = \"Id\")] string Name"),
            "it is the data subject of 'Name'" },
        { "MILL0401", Key("[PersonalData] string Name", "e.Name.Trim().ToLowerInvariant()"), "document of 'Views'" },
        { "MILL0401", Key("[PersonalData] string Name", "$\"customer {e.Name}\""), "the key of a document of 'Views'" },
        { "MILL0401", Event("[PersonalData] string Name") + "public static class Claims "
            + "{ public static Claim Of(Happened e) => Claim.Acquire(\"name\", e.Name, \"x\"); }", "a claim" },
        { "MILL0401", Event("[PersonalData] string Name") + "public static class Claims { "
            + "public static Claim Of(Happened e) => Claim.Acquire(\"name\", e.Name, \"x\"); "
            + "public static void Add(ModelBuilder model) => model.ProtectClaims(\"email\"); }", "a claim" },
        { "MILL0401", Event("[Secret] string Name") + "public static class Tags { public static Tag Of(Happened e) "
            + "=> Tag.For(\"name\", e.Name); }", "it becomes a tag" },
        { "MILL0402", Event("[PersonalData] Person Person") + Record("Person", "int Age"), "make it nullable" },
        { "MILL0402", Event("[PersonalData] DayOfWeek Day"), "a 'DayOfWeek'" },
        { "MILL0402", Command("[Secret] DayOfWeek Day"), "a 'DayOfWeek'" },
        { "MILL0402", Event("[PersonalData] char Letter"), "make it nullable" },
        { "MILL0402", Event("[PersonalData] OrderId Id"), "make it nullable" },
        { "MILL0402", Event("[PersonalData] Mail Mail") + Mail, "set ErasedText to a text" },
        { "MILL0402", Event("[PersonalData(ErasedText = \"\")] CustomerId Id"), "make it nullable" },
        { "MILL0402", Event("[Secret] Mail Mail") + Mail, "make it nullable" },
        { "MILL0403", Record("Person", "[PersonalData] string Name"), "'Person' is not part of an event" },
        { "MILL0403", Event("int Id") + "public sealed class Person { [Secret] private int _x; public int X => _x; }",
            "fields are not stored" },
        { "MILL0403", "[Event(\"happened\")] public sealed record Happened(int Id) { [Secret] public int X => 1; }",
            "the member is not stored" },
        { "MILL0403", "[Event(\"happened\")] public sealed record Happened(int Id) "
            + "{ [Secret, JsonIgnore] public int X { get; init; } }", "the member is not stored" },
        { "MILL0403", "public static class Log { public static void Write([Secret] string text) { } }",
            "mark a property" },
        { "MILL0403", Event("Point At") + Converted, "mark the member that contains the value" },
        { "MILL0404", Event("[PersonalData, Secret] string Name"), "remove one of them" },
        { "MILL0404", Event("[Secret] [property: JsonPropertyName(\"12\")] string Name"), "the index of an item" },
        { "MILL0404", Event("[Secret] [property: JsonPropertyName(\"*\")] string Name"), "the index of an item" },
        { "MILL0404", Event("Person Root")
            + Record("Person", "[PersonalData] string Name, IReadOnlyList<Person> Children"), "can contain itself" },
        { "MILL0404", Versions("[PersonalData] string Name", "[Secret] string Name"), "in another way" },
        { "MILL0404", Versions("[PersonalData] string Name", "int Name"), "no common value after erasure" },
        { "MILL0406", Document("int Id, [Secret, Indexed] bool IsActive"), "a 'bool' has few values" },
        { "MILL0406", Document("int Id, [Secret] [Indexed] DayOfWeek? Day"), "a 'DayOfWeek?' has few values" },
        { "MILL0407", Queried("new ReadQuery { OrderBy = \"name\" }"), "sort by another member" },
        { "MILL0407", Queried("query", "var query = new ReadQuery { OrderBy = \"name\", Limit = 5 };"),
            "sort by another member" },
        { "MILL0407", Queried("query with { OrderBy = \"name\" }", "var query = new ReadQuery();"),
            "sort by another member" },
        { "MILL0407", Queried(
            "new ReadQuery { Conditions = [new(\"name\", Comparison.StartsWith, \"x\")] }"), "Equal or NotEqual" },
        { "MILL0407", Queried("[new(\"name\", Comparison.Less, \"x\")]", call: "Count"), "Equal or NotEqual" },
        { "MILL0405", Event("[PersonalData(Kind = \"My Kind\")] string Name"), "lower-case letters" },
        { "MILL0405", Event("int Id, [PersonalData(Subject = \"Id\", SubjectType = \"a-b\")] string Name"),
            "the category of a stream" },
    };

    public static TheoryData<string> Correct => new(
        Document("int Id, [Secret, Indexed] string Name"),
        Event("[PersonalData] string Name") + "public static class Claims { "
            + "public static Claim Of(Happened e) => Claim.Acquire(\"name\", e.Name, \"x\"); "
            + "public static void Add(ModelBuilder model) => model.ProtectClaims(\"name\", \"customer\"); }",
        Document("int Id, [Secret, Indexed] DateOnly Day, [Indexed] bool IsActive, [Secret] bool IsHidden"),
        Queried("new ReadQuery { OrderBy = \"day\", Conditions = [new(\"name\", Comparison.Equal, \"x\")] }"),
        Event("CustomerId? Id, [PersonalData(Subject = nameof(Id))] string? Name"),
        Event("OrderId Id, [PersonalData(Subject = \"Id\", SubjectType = \"order\")] string Name"),
        Key("[PersonalData] string Name", "Hash.Of(e.Name)"),
        Key("[PersonalData] string Name", "e.Name == \"\" ? \"none\" : \"some\""),
        Event("Person? Root") + Record("Person", "[PersonalData] string Name, IReadOnlyList<Node> Nodes")
            + Record("Node", "IReadOnlyList<Node> Children"),
        "public sealed record Register([PersonalData] string Name, [Secret] string Code) : ICommand<Answer>;"
            + Record("Answer", "CustomerId Id, [PersonalData(Subject = nameof(Answer.Id))] string Name")
            + "public static class Handlers { public static Answer Handle(Register c) => new(new(\"1\"), c.Name); }",
        "public sealed record Find([PersonalData] string Name) : IQuery<IReadOnlyList<Row>>;"
            + Record("Row", "[PersonalData] string Name")
            + "public static class Handlers { public static IReadOnlyList<Row> Handle(Find q) => []; }");

    private const string Mail = "[Value<string>] public readonly partial record struct Mail "
        + "{ private static string? Problem(string value) => value.Contains('@') ? null : \"no @\"; }";

    private const string Converted = """
        [JsonConverter(typeof(PointConverter))] public sealed record Point([Secret] int X);
        public sealed class PointConverter : JsonConverter<Point>
        {
            public override Point Read(
                ref System.Text.Json.Utf8JsonReader r, Type t, System.Text.Json.JsonSerializerOptions o) => new(1);
            public override void Write(
                System.Text.Json.Utf8JsonWriter w, Point p, System.Text.Json.JsonSerializerOptions o) { }
        }
        """;

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_reported_once(string id, string source, string message)
    {
        var found = await AnalyzerRunner.ExpectOne(id, Model + source, message);

        Assert.Equal(id == "MILL0406" ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error, found.Severity);
    }

    [Theory]
    [MemberData(nameof(Correct))]
    public async Task A_correct_mark_is_not_reported(string source)
    {
        var found = await AnalyzerRunner.Find(Model + source);

        Assert.DoesNotContain(found, problem => problem.Id.StartsWith("MILL04", StringComparison.Ordinal));
        Assert.Empty(GeneratorRunner.Problems(Model + source));
    }

    [Fact]
    public async Task The_location_is_the_member_after_lines_were_added_above()
    {
        const string Source =
            "\n\n\n[Event(\"happened\")] public sealed record Happened(\n    [PersonalData, Tag] string Name);";

        var found = await AnalyzerRunner.ExpectOne("MILL0401", Source, "[Tag]");

        Assert.Equal("Name", found.Location.SourceTree!.ToString().Substring(
            found.Location.SourceSpan.Start, found.Location.SourceSpan.Length));
    }

    [Fact]
    public async Task Types_without_a_model_are_not_reported_because_another_assembly_may_store_them() =>
        await AnalyzerRunner.ExpectNone(Record("Person", "[PersonalData] string Name"));

    private static string Event(string members) => $"[Event(\"happened\")] public sealed record Happened({members});\n";

    private static string Command(string answer) =>
        "public sealed record Register(int Id) : ICommand<Answer?>;\n"
        + Record("Answer", answer)
        + "public static class Handlers { public static Answer? Handle(Register c) => null; }";

    private static string Record(string name, string members) => $"public sealed record {name}({members});\n";

    private static string Versions(string first, string second) =>
        $"[Event(\"happened\")] public sealed record HappenedV1({first});\n"
            + $"[Event(\"happened\", Version = 2)] public sealed record Happened({second}) "
            + "{ [Upcast] public static Happened From(HappenedV1 old) => throw new Exception(); }";

    private static string Document(string members) =>
        "[Event(\"begun\")] public sealed record Begun(int Id);\n" + Record("View", members)
            + "[Projection(\"views\")] public sealed partial class Views : Projection<int, View>\n"
            + "{ public static int Key(Begun e) => e.Id; public static View? Apply(View? view, Begun e) => view; }\n";

    private static string Queried(string argument, string before = "", string call = "Query") =>
        Document("int Id, [Secret, Indexed] string Name, [Indexed] DateOnly Day")
            + "public static class Reads { public static async Task Run(IReadModel<int, View> views) "
            + $"{{ {before} await views.{call}({argument}); }} }}";

    private static string Key(string members, string key) => Event(members) + Record("View", "int Id")
        + "public static class Hash { public static string Of(string text) => \"\" + text.Length; }\n"
        + "[Projection(\"views\")] public sealed partial class Views : Projection<string, View>\n"
        + $"{{ public static string Key(Happened e) => {key}; "
        + "public static View? Apply(View? v, Happened e) => v; }\n";
}
