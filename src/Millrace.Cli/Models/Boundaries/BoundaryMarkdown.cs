namespace Millrace.Cli.Models.Boundaries;

/// <summary>Writes a boundary report as Markdown.</summary>
internal static class BoundaryMarkdown
{
    public static string Of(BoundaryReport report)
    {
        var page = new MarkdownText();
        page.Title(1, "Boundaries");
        Findings(page, report.Findings);
        page.Title(2, "Contexts");
        foreach (var context in report.Contexts)
            Write(page, context);
        page.Title(2, "Aggregates");
        foreach (var aggregate in report.Aggregates)
            Write(page, aggregate);
        return page.ToString();
    }

    public static void Findings(MarkdownText page, IReadOnlyList<Dependency> findings)
    {
        page.Title(2, "Dependencies across boundaries");
        if (findings.Count == 0)
        {
            page.Line("There are none.");
            return;
        }
        page.Table(
            ["", "Finding", "Description", "Recommendation"],
            findings.Select(finding => (string[])
            [
                finding.IsStrong ? "**strong**" : "",
                MarkdownText.Code(finding.Kind),
                MarkdownText.Plain(finding.Description),
                MarkdownText.Plain(finding.Recommendation),
            ]));
    }

    private static void Write(MarkdownText page, ContextBoundary context)
    {
        page.Title(3, context.Name);
        foreach (var responsibility in context.Responsibilities)
            page.Item(MarkdownText.Plain(responsibility));
        page.Fact("Aggregates", context.Aggregates).Fact("Commands", context.Commands).Fact("Events", context.Events)
            .Fact("Queries", context.Queries).Fact("Read models", context.ReadModels);
        foreach (var use in context.Uses)
        {
            var descriptions = new[]
            {
                DescribeUse("within a transaction, by ", use.InTransaction),
                DescribeUse("after a transaction, by ", use.AfterTransaction),
            }.Where(description => description.Length > 0);
            page.Item($"Uses **{MarkdownText.Plain(use.Context)}** {string.Join("; ", descriptions)}");
        }
        page.Fact("Used by", context.UsedBy);
    }

    private static string DescribeUse(string prefix, IReadOnlyList<string> parts) =>
        parts.Count == 0 ? "" : prefix + string.Join(", ", parts.Select(MarkdownText.Code));

    private static void Write(MarkdownText page, AggregateBoundary boundary)
    {
        var aggregate = boundary.Aggregate;
        page.Title(3, aggregate.Name);
        if (aggregate.Summary is { } summary)
            page.Line(MarkdownText.Plain(summary));
        var size = boundary.Size;
        page.Line($"Context {MarkdownText.Plain(aggregate.Context)}. Size: {size}.");
        page.Fact("Commands", boundary.Commands)
            .Fact("Events", aggregate.Writes)
            .Fact("Shown by", boundary.ReadModels)
            .Fact("Followed by", boundary.Consumers)
            .Fact("Refers to", boundary.RefersTo)
            .Fact("Referred to by", boundary.ReferredBy);
        foreach (var sentence in boundary.Consistency)
            page.Item(MarkdownText.Plain(sentence));
        if (aggregate.Rules.Count > 0)
        {
            page.Table(
                ["Invariant", "Condition", "Message for users", "Checked in"],
                aggregate.Rules.Select(rule => (string[])
                [
                    MarkdownText.Code(rule.Name), string.Join("; ", rule.Conditions.Select(MarkdownText.Code)),
                    MarkdownText.Plain(rule.Message ?? ""),
                    string.Join(", ", rule.Methods.Select(MarkdownText.Code)),
                ]));
        }
    }
}
