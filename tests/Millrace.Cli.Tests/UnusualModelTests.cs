using System.Text.Json.Nodes;
using Millrace.Cli.Models;
using Millrace.Cli.Models.Diagrams;

namespace Millrace.Cli.Tests;

/// <summary>Models with names and sizes that marks, keys and drawings do not expect.</summary>
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
    public void A_text_means_nothing_but_itself(string text, string written) =>
        Assert.Equal(written, MarkdownText.Plain(text));

    [Theory]
    [InlineData("IReadOnlyList<Line>", "`IReadOnlyList<Line>`")]
    [InlineData("List`1", "``List`1``")]
    [InlineData("`a`", "`` `a` ``")]
    public void A_name_is_printed_unchanged(string name, string written) =>
        Assert.Equal(written, MarkdownText.Code(name));

    [Fact]
    public void Titles_and_cells_are_no_marks_either()
    {
        var page = new MarkdownText().Title(2, "*Orders*").Table(["One"], [[MarkdownText.Code("a|b<c>")]]).ToString();

        Assert.Equal("## \\*Orders\\*\n\n| One |\n| --- |\n| `a\\|b<c>` |\n", page);
    }

    [Fact]
    public void Whatever_events_are_called_the_keys_of_AsyncApi_are_allowed_and_lead_somewhere()
    {
        var model = Model(
            events: ["orders/placed", "orders_placed", "orders~paid", "größe#1"],
            consumers: ["mail/er"],
            writers: ["Order", "Cart"]);

        var document = JsonNode
            .Parse(AsyncApiDocument.Of(model, new ModelBuilder().BuildCatalog(), "1.0.0"))!
            .AsObject();

        string[] places = ["channels", "operations", "components/messages"];
        foreach (var keys in places.Select(place => At(document, place)!.AsObject().Select(one => one.Key)))
            Assert.All(keys, key => Assert.Matches("^[a-zA-Z0-9._-]+$", key));
        Assert.All(References(document), reference => Assert.NotNull(At(document, reference[2..])));
        Assert.Equal(4, At(document, "components/messages")!.AsObject().Count);
        var receives = At(document, "operations")!
            .AsObject()
            .Where(one => (string?)one.Value!["action"] == "receive")
            .ToList();
        Assert.Equal(2, receives.Count); // From the streams of both that write them.
        Assert.Contains(
            "orders/placed",
            At(document, "components/messages")!.AsObject().Select(one => (string?)one.Value!["name"]));
    }

    [Fact]
    public void A_context_that_Mermaid_would_not_draw_is_reported_in_tables()
    {
        var model = Model(
            events: [.. Enumerable.Range(1, 30).Select(at => $"thing.done-{at}")],
            consumers: [.. Enumerable.Range(1, 20).Select(at => $"follower-{at}")],
            writers: ["Thing"]);

        var page = ModelMarkdown.Of(model);

        Assert.Contains("more arrows than Mermaid draws (500)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("```mermaid", page, StringComparison.Ordinal);
        Assert.Contains("### thing.done-30", page, StringComparison.Ordinal);
        var refused = Assert.Throws<CliException>(() => MermaidDiagram.Of(model, "Things"));
        Assert.Contains("--format html", refused.Hint, StringComparison.Ordinal);
    }

    private static ModelDescription Model(string[] events, string[] consumers, string[] writers) =>
        new()
        {
            Models = ["Odd"],
            IsComplete = true,
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
            Commands = [],
            Queries = [],
            ReadModels = [],
            Consumers =
            [
                .. consumers.Select(name => new ConsumerDescription(name, "Things", "Odd") { Events = events }),
            ],
        };

    /// <summary>Where a JSON pointer leads, by the rules of pointers.</summary>
    private static JsonNode? At(JsonNode document, string pointer) =>
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
            JsonObject members => members.SelectMany(one =>
                one.Key == "$ref" ? [one.Value!.GetValue<string>()] : References(one.Value)),
            JsonArray items => items.SelectMany(References),
            _ => [],
        };
}
