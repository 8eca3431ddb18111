using System.Text.Json.Nodes;
using Millrace.Cli.Models;
using Millrace.Cli.Models.Diagrams;

namespace Millrace.Cli.Tests;

/// <summary>Tests models with names and sizes that are unusual for Markdown, AsyncAPI and Mermaid.</summary>
public sealed class UnusualModelTests
{
    [Theory]
    [InlineData("a < b", "a \\< b")]
    [InlineData("*all* of __it__ and [this](that)", "\\*all\\* of \\_\\_it\\_\\_ and \\[this](that)")]
    [InlineData("snake_case & R&D &amp;", "snake_case & R\\&D \\&amp;")]
    [InlineData("# no title", "\\# no title")]
    [InlineData("1. no list", "1\\. no list")]
    [InlineData("back\\slash `code`", "back\\\\slash \\`code\\`")]
    [InlineData("What is said. As it is (here) - or not!", "What is said. As it is (here) - or not!")]
    public void A_text_is_escaped_for_Markdown(string text, string expected) =>
        Assert.Equal(expected, MarkdownText.Plain(text));

    [Theory]
    [InlineData("IReadOnlyList<Line>", "`IReadOnlyList<Line>`")]
    [InlineData("List`1", "``List`1``")]
    [InlineData("`a`", "`` `a` ``")]
    public void A_name_is_printed_unchanged(string name, string expected) =>
        Assert.Equal(expected, MarkdownText.Code(name));

    [Fact]
    public void Titles_and_table_cells_are_escaped_for_Markdown()
    {
        var page = new MarkdownText().Title(2, "*Orders*").Table(["One"], [[MarkdownText.Code("a|b<c>")]]).ToString();

        Assert.Equal("## \\*Orders\\*\n\n| One |\n| --- |\n| `a\\|b<c>` |\n", page);
    }

    [Fact]
    public void For_any_event_names_the_keys_of_the_AsyncAPI_document_are_valid_and_its_references_resolve()
    {
        var model = Model(
            events: ["orders/placed", "orders_placed", "orders~paid", "größe#1"],
            consumers: ["mail/er"],
            writers: ["Order", "Cart"]);

        var document = JsonNode
            .Parse(AsyncApiDocument.Of(model, new ModelBuilder().BuildCatalog(), "1.0.0"))!
            .AsObject();

        string[] pointers = ["channels", "operations", "components/messages"];
        foreach (var keys in pointers.Select(path => Resolve(document, path)!.AsObject().Select(item => item.Key)))
            Assert.All(keys, key => Assert.Matches("^[a-zA-Z0-9._-]+$", key));
        Assert.All(References(document), reference => Assert.NotNull(Resolve(document, reference[2..])));
        Assert.Equal(4, Resolve(document, "components/messages")!.AsObject().Count);
        var receives = Resolve(document, "operations")!
            .AsObject()
            .Where(item => (string?)item.Value!["action"] == "receive")
            .ToList();
        Assert.Equal(2, receives.Count); // Both writers have a stream.
        Assert.Contains(
            "orders/placed",
            Resolve(document, "components/messages")!.AsObject().Select(item => (string?)item.Value!["name"]));
    }

    [Fact]
    public void A_context_that_is_too_large_for_Mermaid_is_reported_in_tables()
    {
        var model = Model(
            events: [.. Enumerable.Range(1, 30).Select(number => $"thing.done-{number}")],
            consumers: [.. Enumerable.Range(1, 20).Select(number => $"follower-{number}")],
            writers: ["Thing"]);

        var page = ModelMarkdown.Of(model);

        Assert.Contains("more arrows than Mermaid draws (500)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("```mermaid", page, StringComparison.Ordinal);
        Assert.Contains("### thing.done-30", page, StringComparison.Ordinal);
        var refused = Assert.Throws<CliException>(() => MermaidDiagram.Of(model, "Things"));
        Assert.Contains("--format html", refused.Hint, StringComparison.Ordinal);
    }

    private static ModelDescription Model(string[] events, string[] consumers, string[] writers) =>
        EmptyModel.Description with
        {
            Models = ["Odd"],
            Contexts = ["Things"],
            Aggregates =
            [
                .. writers.Select(name => new AggregateDescription(name, "Things", name + "/s")
                {
                    Type = name,
                    Writes = events,
                }),
            ],
            Events =
            [
                .. events.Select(name => new EventDescription(name, "Things")
                {
                    Type = "Event",
                    Versions = [new EventVersionDescription(1) { ClrType = typeof(string) }],
                    Readers = [.. consumers.Select(consumer => new EventReader(EventPartKind.Consumer, consumer))],
                }),
            ],
            Consumers =
            [
                .. consumers.Select(name => new ConsumerDescription(name, "Things", "Odd") { Events = events }),
            ],
        };

    /// <summary>Returns the node that a JSON pointer refers to.</summary>
    private static JsonNode? Resolve(JsonNode document, string pointer) =>
        pointer
            .Split('/')
            .Aggregate(
                (JsonNode?)document,
                (node, part) =>
                    node?[
                        part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)
                    ]
            );

    private static IEnumerable<string> References(JsonNode? node) =>
        node switch
        {
            JsonObject members => members.SelectMany(item =>
                item.Key == "$ref" ? [item.Value!.GetValue<string>()] : References(item.Value)),
            JsonArray items => items.SelectMany(References),
            _ => [],
        };
}
