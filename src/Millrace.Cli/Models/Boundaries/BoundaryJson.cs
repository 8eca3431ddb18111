using System.Text.Json;

namespace Millrace.Cli.Models.Boundaries;

/// <summary>Writes a boundary report as JSON.</summary>
internal static class BoundaryJson
{
    public static void Write(Utf8JsonWriter writer, BoundaryReport report)
    {
        ModelJsonOptionsSetup.Each(writer, "findings", report.Findings, Write);
        ModelJsonOptionsSetup.Each(writer, "contexts", report.Contexts, static (json, context) =>
        {
            json.WriteString("name"u8, context.Name);
            ModelJsonOptionsSetup.Texts(json, "responsibilities", context.Responsibilities);
            ModelJsonOptionsSetup.Texts(json, "aggregates", context.Aggregates);
            ModelJsonOptionsSetup.Texts(json, "commands", context.Commands);
            ModelJsonOptionsSetup.Texts(json, "events", context.Events);
            ModelJsonOptionsSetup.Texts(json, "queries", context.Queries);
            ModelJsonOptionsSetup.Texts(json, "readModels", context.ReadModels);
            ModelJsonOptionsSetup.Each(json, "uses", context.Uses, static (inner, use) =>
            {
                inner.WriteString("context"u8, use.Context);
                ModelJsonOptionsSetup.Texts(inner, "now", use.InTransaction);
                ModelJsonOptionsSetup.Texts(inner, "later", use.AfterTransaction);
            });
            ModelJsonOptionsSetup.Texts(json, "usedBy", context.UsedBy);
        });
        ModelJsonOptionsSetup.Each(writer, "aggregates", report.Aggregates, Write);
    }

    private static void Write(Utf8JsonWriter json, AggregateBoundary boundary)
    {
        json.WriteString("name"u8, boundary.Of.Name);
        json.WriteString("context"u8, boundary.Of.Context);
        ModelJsonOptionsSetup.Text(json, "responsibility", boundary.Of.Summary);
        ModelJsonOptionsSetup.Each(json, "invariants", boundary.Of.Rules, ModelJsonOptionsSetup.Write);
        ModelJsonOptionsSetup.Texts(json, "commands", boundary.Commands);
        ModelJsonOptionsSetup.Texts(json, "events", boundary.Of.Writes);
        ModelJsonOptionsSetup.Texts(json, "consistencyRules", boundary.Consistency);
        json.WriteStartObject("size"u8);
        json.WriteNumber("members"u8, boundary.Size.State);
        json.WriteNumber("methods"u8, boundary.Size.Methods);
        json.WriteNumber("events"u8, boundary.Size.Events);
        json.WriteNumber("rules"u8, boundary.Size.Rules);
        json.WriteEndObject();
        ModelJsonOptionsSetup.Texts(json, "readModels", boundary.ReadModels);
        ModelJsonOptionsSetup.Texts(json, "consumers", boundary.Consumers);
        ModelJsonOptionsSetup.Texts(json, "refersTo", boundary.RefersTo);
        ModelJsonOptionsSetup.Texts(json, "referredBy", boundary.ReferredBy);
        ModelJsonOptionsSetup.Each(json, "findings", boundary.Findings, Write);
    }

    private static void Write(Utf8JsonWriter json, Dependency found)
    {
        json.WriteString("kind"u8, found.Kind);
        json.WriteBoolean("isStrong"u8, found.IsStrong);
        ModelJsonOptionsSetup.Texts(json, "parts", found.Parts);
        json.WriteString("why"u8, found.Description);
        json.WriteString("instead"u8, found.Recommendation);
    }
}
