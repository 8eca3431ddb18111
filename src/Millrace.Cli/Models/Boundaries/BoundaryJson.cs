using System.Text.Json;

namespace Millrace.Cli.Models.Boundaries;

/// <summary>A boundary report for programs.</summary>
internal static class BoundaryJson
{
    public static void Write(Utf8JsonWriter writer, BoundaryReport report)
    {
        ModelJson.Each(writer, "findings", report.Findings, Write);
        ModelJson.Each(writer, "contexts", report.Contexts, static (json, context) =>
        {
            json.WriteString("name"u8, context.Name);
            ModelJson.Texts(json, "responsibilities", context.Responsibilities);
            ModelJson.Texts(json, "aggregates", context.Aggregates);
            ModelJson.Texts(json, "commands", context.Commands);
            ModelJson.Texts(json, "events", context.Events);
            ModelJson.Texts(json, "queries", context.Queries);
            ModelJson.Texts(json, "readModels", context.ReadModels);
            ModelJson.Each(json, "uses", context.Uses, static (inner, use) =>
            {
                inner.WriteString("context"u8, use.Context);
                ModelJson.Texts(inner, "now", use.Now);
                ModelJson.Texts(inner, "later", use.Later);
            });
            ModelJson.Texts(json, "usedBy", context.UsedBy);
        });
        ModelJson.Each(writer, "aggregates", report.Aggregates, Write);
    }

    private static void Write(Utf8JsonWriter json, AggregateBoundary boundary)
    {
        json.WriteString("name"u8, boundary.Of.Name);
        json.WriteString("context"u8, boundary.Of.Context);
        ModelJson.Text(json, "responsibility", boundary.Of.Summary);
        ModelJson.Each(json, "invariants", boundary.Of.Rules, ModelJson.Write);
        ModelJson.Texts(json, "commands", boundary.Commands);
        ModelJson.Texts(json, "events", boundary.Of.Writes);
        ModelJson.Texts(json, "consistencyRules", boundary.Consistency);
        json.WriteStartObject("size"u8);
        json.WriteNumber("members"u8, boundary.Size.State);
        json.WriteNumber("methods"u8, boundary.Size.Methods);
        json.WriteNumber("events"u8, boundary.Size.Events);
        json.WriteNumber("rules"u8, boundary.Size.Rules);
        json.WriteEndObject();
        ModelJson.Texts(json, "readModels", boundary.ReadModels);
        ModelJson.Texts(json, "consumers", boundary.Consumers);
        ModelJson.Texts(json, "refersTo", boundary.RefersTo);
        ModelJson.Texts(json, "referredBy", boundary.ReferredBy);
        ModelJson.Each(json, "findings", boundary.Findings, Write);
    }

    private static void Write(Utf8JsonWriter json, Dependency found)
    {
        json.WriteString("kind"u8, found.Kind);
        json.WriteBoolean("isStrong"u8, found.IsStrong);
        ModelJson.Texts(json, "parts", found.Parts);
        json.WriteString("why"u8, found.Why);
        json.WriteString("instead"u8, found.Instead);
    }
}
