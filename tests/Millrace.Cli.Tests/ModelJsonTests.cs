using System.Text.Json.Nodes;
using Millrace.Cli.Models;

namespace Millrace.Cli.Tests;

/// <summary>Tests that the JSON of a model keeps the names of docs/reference/cli.schema.json.</summary>
public sealed class ModelJsonTests
{
    [Theory]
    [InlineData(TimeoutRule.Fail, "fail")]
    [InlineData(TimeoutRule.Continue, "goOn")]
    [InlineData(TimeoutRule.Hold, "hold")]
    public void A_timeout_rule_keeps_its_name(TimeoutRule rule, string expected)
    {
        var part = new ProcessPart(ProcessPartKind.Await, "shipment")
        {
            Within = TimeSpan.FromDays(1),
            OnTimeout = rule,
        };
        var model = EmptyModel.Description with
        {
            Processes = [new ProcessDescription("delivery", "shop", 1) { Type = "Delivery", Parts = [part] }],
        };

        var json = JsonNode.Parse(ModelJsonWriter.Text(model))!;

        Assert.Equal(expected, (string?)json["processes"]![0]!["parts"]![0]!["onTimeout"]);
    }
}
