using System.Text.Json;
using System.Text.Json.Nodes;

namespace Browser.Tests.Diagrams;

/// <summary>The shop's model, drawn, is what the parsers of others take.</summary>
[Collection(DiagramCollection.Name)]
public sealed class DiagramTests(Chromium browser)
{
    [NpmFact]
    public async Task Mermaid_draws_the_whole_model_and_each_context()
    {
        string?[] contexts = [null, "Catalogue", "Customers", "Inventory", "Live", "OlderBooks", "Orders", "Payments", "Statistics"];
        foreach (var context in contexts)
        {
            var diagram = await DiagramChecks.Draw(context is null ? [] : ["--context", context]);

            Assert.Equal("drawn", await Mermaid(diagram));
        }
    }

    [NpmFact]
    public async Task Mermaid_refuses_what_is_no_diagram()
    {
        var diagram = await DiagramChecks.Draw();

        Assert.StartsWith("Error", await Mermaid(diagram.Replace("-->", "--/>", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [NpmFact]
    public async Task Every_diagram_of_the_markdown_is_drawn()
    {
        var page = await DiagramChecks.Draw("--format", "markdown");

        var diagrams = page.Split("```mermaid\n").Skip(1).Select(part => part.Split("```")[0]).ToList();
        Assert.Equal(11, diagrams.Count); // Of each context, and of the process.
        foreach (var diagram in diagrams)
            Assert.Equal("drawn", await Mermaid(diagram));
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
    public async Task What_is_no_AsyncAPI_is_found()
    {
        var document = await DiagramChecks.Draw("--format", "asyncapi");

        var (code, findings) = await AsyncApi(document.Replace("\"action\": \"send\"", "\"action\": \"shout\"", StringComparison.Ordinal));
        var (_, lost) = await AsyncApi(document.Replace("schemas/PaymentId", "schemas/Nowhere", StringComparison.Ordinal));

        Assert.Equal(1, code);
        Assert.Contains("must be equal to one of the allowed values", findings, StringComparison.Ordinal);
        Assert.Contains("refers to nothing: #/components/schemas/Nowhere", lost, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Findings)> AsyncApi(string document)
    {
        var file = Path.Combine(DiagramChecks.Folder, "document.json");
        await File.WriteAllTextAsync(file, document);
        return await DiagramChecks.Run(DiagramChecks.Folder, "node", "asyncapi.mjs", file);
    }

    private async Task<string> Mermaid(string diagram)
    {
        var file = Path.Combine(DiagramChecks.Folder, "mermaid.html");
        await File.WriteAllTextAsync(file, """
            <!DOCTYPE html><title>Mermaid</title><body><div id="drawing"></div>
            <script src="node_modules/mermaid/dist/mermaid.min.js"></script>
            """);
        await using var page = await browser.Open(new Uri(file));
        return await page.Page.EvaluateAsync<string>($$"""
            async () => {
              try {
                mermaid.initialize({ startOnLoad: false, suppressErrorRendering: true });
                const text = {{JsonSerializer.Serialize(diagram)}};
                await mermaid.parse(text);
                const { svg } = await mermaid.render('drawing', text);
                return svg.includes('<svg') ? 'drawn' : 'empty';
              } catch (error) { return String(error); }
            }
            """);
    }
}
