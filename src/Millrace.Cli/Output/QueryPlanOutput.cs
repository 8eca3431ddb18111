using System.Globalization;
using System.Text.Json;

namespace Millrace.Cli.Output;

/// <summary>Writes the plan and the measurement of a query.</summary>
internal static class QueryPlanOutput
{
    public static void Write(ToolInvocation call, QueryExplanation explained)
    {
        var facts = TextTable.OfFacts()
            .Add("query", explained.Query)
            .Add("plan", NameOf(explained.Plan))
            .Add("estimated cost", TextTable.Number(explained.Plan.Cost))
            .Add("rows returned", TextTable.Number(explained.Rows));
        if (explained.ReadRows is { } read)
            facts.Add("rows read", TextTable.Number(read));
        facts.Add("time", $"{Milliseconds(explained.Duration)} ms");
        if (explained.DatabaseCost is { } cost)
            facts.Add("cost in the database", cost.ToString("N0", CultureInfo.InvariantCulture));
        facts.Add("reason", explained.Plan.Reason);
        if (explained.Plan.Detail is { } detail)
            facts.Add("database", detail);
        facts.Write(call);
        if (explained.Plan.Parts.Count == 0)
            return;
        var parts = new TextTable("part", "#cost", "~reason", "~database");
        foreach (var part in explained.Plan.Parts)
            parts.Add(NameOf(part), TextTable.Number(part.Cost), part.Reason, part.Detail ?? "");
        parts.Write(call);
    }

    public static void WriteMembers(Utf8JsonWriter writer, QueryExplanation explained)
    {
        writer.WriteString("query"u8, explained.Query);
        WritePlan(writer, "plan", explained.Plan);
        writer.WriteNumber("rows"u8, explained.Rows);
        if (explained.ReadRows is { } read)
            writer.WriteNumber("readRows"u8, read);
        writer.WriteNumber("milliseconds"u8, explained.Duration.TotalMilliseconds);
        if (explained.DatabaseCost is { } cost)
            writer.WriteNumber("databaseCost"u8, cost);
    }

    /// <summary>Returns text such as <c>index scan (events_by_type)</c>.</summary>
    public static string NameOf(QueryPlan plan)
    {
        var kind = plan.Kind switch
        {
            PlanKind.IndexScan => "index scan",
            PlanKind.FullScan => "full scan",
            PlanKind.Cached => "cached",
            _ => "complex",
        };
        return plan.Index is null ? kind : $"{kind} ({plan.Index})";
    }

    private static string Milliseconds(TimeSpan duration) =>
        duration.TotalMilliseconds.ToString("N3", CultureInfo.InvariantCulture);

    private static void WritePlan(Utf8JsonWriter writer, string? name, QueryPlan plan)
    {
        if (name is null)
            writer.WriteStartObject();
        else
            writer.WriteStartObject(name);
        writer.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(plan.Kind.ToString()));
        if (plan.Index is not null)
            writer.WriteString("index"u8, plan.Index);
        writer.WriteNumber("cost"u8, plan.Cost);
        writer.WriteString("reason"u8, plan.Reason);
        if (plan.Detail is not null)
            writer.WriteString("detail"u8, plan.Detail);
        writer.WriteStartArray("parts"u8);
        foreach (var part in plan.Parts)
            WritePlan(writer, null, part);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
