using System.Text.Json;

namespace Millrace.Cli.Models.Boundaries;

/// <summary>Writes a boundary report as JSON.</summary>
internal static class BoundaryJson
{
    public static void Write(Utf8JsonWriter writer, BoundaryReport report)
    {
        ModelJsonWriter.Each(writer, "findings", report.Findings, Write);
        ModelJsonWriter.Each(writer, "contexts", report.Contexts, static (json, context) =>
        {
            json.WriteString("name"u8, context.Name);
            ModelJsonWriter.Texts(json, "responsibilities", context.Responsibilities);
            ModelJsonWriter.Texts(json, "aggregates", context.Aggregates);
            ModelJsonWriter.Texts(json, "commands", context.Commands);
            ModelJsonWriter.Texts(json, "events", context.Events);
            ModelJsonWriter.Texts(json, "queries", context.Queries);
            ModelJsonWriter.Texts(json, "readModels", context.ReadModels);
            ModelJsonWriter.Each(json, "uses", context.Uses, static (inner, use) =>
            {
                inner.WriteString("context"u8, use.Context);
                ModelJsonWriter.Texts(inner, "now", use.InTransaction);
                ModelJsonWriter.Texts(inner, "later", use.AfterTransaction);
            });
            ModelJsonWriter.Texts(json, "usedBy", context.UsedBy);
        });
        ModelJsonWriter.Each(writer, "aggregates", report.Aggregates, Write);
    }

    private static void Write(Utf8JsonWriter json, AggregateBoundary boundary)
    {
        json.WriteString("name"u8, boundary.Aggregate.Name);
        json.WriteString("context"u8, boundary.Aggregate.Context);
        ModelJsonWriter.Text(json, "responsibility", boundary.Aggregate.Summary);
        ModelJsonWriter.Each(json, "invariants", boundary.Aggregate.Rules, ModelJsonWriter.Write);
        ModelJsonWriter.Texts(json, "commands", boundary.Commands);
        ModelJsonWriter.Texts(json, "events", boundary.Aggregate.Writes);
        ModelJsonWriter.Texts(json, "consistencyRules", boundary.Consistency);
        json.WriteStartObject("size"u8);
        json.WriteNumber("members"u8, boundary.Size.Members);
        json.WriteNumber("methods"u8, boundary.Size.Methods);
        json.WriteNumber("events"u8, boundary.Size.Events);
        json.WriteNumber("rules"u8, boundary.Size.Rules);
        json.WriteEndObject();
        ModelJsonWriter.Texts(json, "readModels", boundary.ReadModels);
        ModelJsonWriter.Texts(json, "consumers", boundary.Consumers);
        ModelJsonWriter.Texts(json, "refersTo", boundary.RefersTo);
        ModelJsonWriter.Texts(json, "referredBy", boundary.ReferredBy);
        ModelJsonWriter.Each(json, "findings", boundary.Findings, Write);
    }

    private static void Write(Utf8JsonWriter json, Dependency finding)
    {
        json.WriteString("kind"u8, finding.Kind);
        json.WriteBoolean("isStrong"u8, finding.IsStrong);
        ModelJsonWriter.Texts(json, "parts", finding.Parts);
        json.WriteString("why"u8, finding.Description);
        json.WriteString("instead"u8, finding.Recommendation);
    }
}
