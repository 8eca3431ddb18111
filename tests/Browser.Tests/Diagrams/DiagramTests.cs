using System.Text.Json.Nodes;

namespace Browser.Tests.Diagrams;

/// <summary>Tests that the parsers of Mermaid and AsyncAPI accept the diagrams of the shop's model.</summary>
[Collection(DiagramCollection.Name)]
public sealed class DiagramTests(Chromium browser)
{
    // The markdown contains a diagram of each context. A short run draws only two of them alone.
    private const int ContextsOfShortRun = 2;

    [NpmFact]
    public async Task Mermaid_draws_the_complete_model_and_its_contexts()
    {
        string[] contexts =
        [
            "Orders",
            "Payments",
            "Catalogue",
            "Customers",
            "Inventory",
            "Live",
            "OlderBooks",
            "Statistics",
        ];
        var count = TestRun.IsLong ? contexts.Length : ContextsOfShortRun;
        var diagrams = new List<string> { await DiagramChecks.Draw() };
        foreach (var context in contexts.Take(count))
            diagrams.Add(await DiagramChecks.Draw("--context", context));

        Assert.All(await Mermaid(diagrams), result => Assert.Equal("drawn", result));
    }

    [NpmFact]
    public async Task Mermaid_refuses_an_invalid_diagram()
    {
        var diagram = await DiagramChecks.Draw();

        var result = Assert.Single(await Mermaid([diagram.Replace("-->", "--/>", StringComparison.Ordinal)]));
        Assert.StartsWith("Error", result, StringComparison.Ordinal);
    }

    [NpmFact]
    public async Task Every_diagram_of_the_markdown_is_drawn()
    {
        var page = await DiagramChecks.Draw("--format", "markdown");

        var diagrams = page.Split("```mermaid\n").Skip(1).Select(part => part.Split("```")[0]).ToList();
        Assert.Equal(13, diagrams.Count); // One diagram for each context and each process.
        Assert.All(await Mermaid(diagrams), result => Assert.Equal("drawn", result));
    }

    [NpmFact]
    public async Task AsyncAPI_is_valid_by_the_published_schema()
    {
        var document = await DiagramChecks.Draw("--format", "asyncapi");

        Assert.Equal((0, ""), await AsyncApi(document));
        var parts = JsonNode.Parse(document)!;
        Assert.Equal("3.0.0", (string?)parts["asyncapi"]);
        Assert.Equal("order-{id}", (string?)parts["channels"]!["streams.order"]!["address"]);
        Assert.Contains("pay-order", (string?)parts["components"]!["messages"]!["order.paid.v1"]!["x-written-by"]![0]);
        var paid = parts["components"]!["schemas"]!["OrderPaid"]!;
        Assert.Equal("#/components/schemas/PaymentId", (string?)paid["properties"]!["payment"]!["$ref"]);
        Assert.Contains("transactionId", paid["required"]!.AsArray().Select(name => (string?)name));
    }

    [NpmFact]
    public async Task Invalid_AsyncAPI_is_reported()
    {
        var document = await DiagramChecks.Draw("--format", "asyncapi");

        var (code, findings) = await AsyncApi(document
            .Replace("\"action\": \"send\"", "\"action\": \"shout\"", StringComparison.Ordinal)
            .Replace("schemas/PaymentId", "schemas/Nowhere", StringComparison.Ordinal));

        Assert.Equal(1, code);
        Assert.Contains("must be equal to one of the allowed values", findings, StringComparison.Ordinal);
        Assert.Contains("refers to nothing: #/components/schemas/Nowhere", findings, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Findings)> AsyncApi(string document)
    {
        var file = Path.Combine(DiagramChecks.Folder, "document.json");
        await File.WriteAllTextAsync(file, document);
        return await DiagramChecks.Run(DiagramChecks.Folder, "node", "asyncapi.mjs", file);
    }

    /// <summary>Returns "drawn" or the error of Mermaid for each diagram.</summary>
    private async Task<IReadOnlyList<string>> Mermaid(IReadOnlyList<string> diagrams)
    {
        var file = Path.Combine(DiagramChecks.Folder, "mermaid.html");
        await File.WriteAllTextAsync(file, """
            <!DOCTYPE html><title>Mermaid</title><body><div id="drawing"></div>
            <script src="node_modules/mermaid/dist/mermaid.min.js"></script>
            """);
        await using var page = await browser.Open(new Uri(file));
        return await page.Page.EvaluateAsync<string[]>("""
            async diagrams => {
              mermaid.initialize({ startOnLoad: false, suppressErrorRendering: true });
              const said = [];
              for (const text of diagrams) {
                try {
                  await mermaid.parse(text);
                  const { svg } = await mermaid.render('drawing', text);
                  said.push(svg.includes('<svg') ? 'drawn' : 'empty');
                } catch (error) { said.push(String(error)); }
              }
              return said;
            }
            """, diagrams);
    }
}
