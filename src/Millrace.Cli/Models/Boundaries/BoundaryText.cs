using System.Globalization;
using Millrace.Cli.Output;

namespace Millrace.Cli.Models.Boundaries;

/// <summary>Writes a boundary report as text.</summary>
internal static class BoundaryText
{
    public static void Write(ToolInvocation call, BoundaryReport report, bool withDetails)
    {
        if (report.Contexts.Count > 0)
            Contexts(report.Contexts).Write(call);
        if (withDetails)
        {
            foreach (var aggregate in report.Aggregates)
                Write(call, aggregate);
        }
        else
        {
            Aggregates(report.Aggregates).Write(call);
        }
        var strongCount = report.Findings.Count(finding => finding.IsStrong);
        call.Line(report.Findings.Count == 0
            ? "There are no dependencies across boundaries."
            : $"{Counted.Of(report.Findings.Count, "finding")}, {strongCount} strong:");
        foreach (var finding in report.Findings)
        {
            call.Line($"{(finding.IsStrong ? "strong" : "note")}  {finding.Kind}: {finding.Description}");
            if (withDetails)
                call.Line($"        {finding.Recommendation}");
        }
    }

    private static TextTable Contexts(IEnumerable<ContextBoundary> contexts)
    {
        var rows = new TextTable(
            "context", "aggregates", "#commands", "#events", "#queries", "uses in transactions", "follows events of");
        foreach (var context in contexts)
        {
            rows.Add(
                context.Name,
                ModelText.List(context.Aggregates),
                Number(context.Commands.Count),
                Number(context.Events.Count),
                Number(context.Queries.Count),
                ModelText.List(context.Uses.Where(use => use.InTransaction.Count > 0).Select(use => use.Context)),
                ModelText.List(context.Uses.Where(use => use.AfterTransaction.Count > 0).Select(use => use.Context)));
        }
        return rows;
    }

    private static TextTable Aggregates(IEnumerable<AggregateBoundary> aggregates)
    {
        var rows = new TextTable(
            "aggregate", "context", "#members", "#methods", "#events", "#rules", "shown by", "refers to");
        foreach (var boundary in aggregates)
        {
            rows.Add(
                boundary.Aggregate.Name,
                boundary.Aggregate.Context,
                Number(boundary.Size.Members),
                Number(boundary.Size.Methods),
                Number(boundary.Size.Events),
                Number(boundary.Size.Rules),
                ModelText.List(boundary.ReadModels),
                ModelText.List(boundary.RefersTo));
        }
        return rows;
    }

    private static void Write(ToolInvocation call, AggregateBoundary boundary)
    {
        call.Line($"{boundary.Aggregate.Name} ({boundary.Aggregate.Context})");
        var facts = TextTable.OfFacts();
        Add(facts, "responsible for", boundary.Aggregate.Summary is { } summary ? [summary] : []);
        Add(facts, "commands", boundary.Commands);
        Add(facts, "events", boundary.Aggregate.Writes);
        foreach (var rule in boundary.Aggregate.Rules)
            facts.Add("invariant", Sentence(rule));
        Add(facts, "shown by", boundary.ReadModels);
        Add(facts, "followed by", boundary.Consumers);
        Add(facts, "refers to", boundary.RefersTo);
        Add(facts, "referred to by", boundary.ReferredBy);
        facts.Add("size", boundary.Size.ToString());
        foreach (var sentence in boundary.Consistency)
            facts.Add("consistent", sentence);
        facts.Write(call);
    }

    /// <summary>Returns a rule with its condition and its message, when known.</summary>
    private static string Sentence(RuleDescription rule)
    {
        var conditions = rule.Conditions.Count > 0 ? ": " + string.Join("; ", rule.Conditions) : "";
        return $"{rule.Name}{conditions}{(rule.Message is { } message ? $" ({message})" : "")}";
    }

    private static void Add(TextTable facts, string label, IEnumerable<string> names)
    {
        var text = ModelText.List(names);
        if (text.Length > 0)
            facts.Add(label, text);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
