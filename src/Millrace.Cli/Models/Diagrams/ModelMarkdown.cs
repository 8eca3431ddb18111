using System.Globalization;
using Millrace.Serialization;

namespace Millrace.Cli.Models.Diagrams;

/// <summary>Writes a model as Markdown, with a diagram and tables for each context.</summary>
internal static class ModelMarkdown
{
    public static string Of(ModelDescription model)
    {
        var page = new MarkdownText();
        page.Title(1, "Event model");
        if (model.Summary is { } summary)
            page.Line(MarkdownText.Plain(summary));
        page.Line(
            "Commands are blue, events orange, read models green, consumers and processes violet; a frame contains the "
                + "events of an aggregate's streams.");
        foreach (var context in model.Contexts)
            Context(page, model, context);
        return page.ToString();
    }

    private static void Context(MarkdownText page, ModelDescription model, string context)
    {
        page.Title(2, context);
        foreach (var aggregate in model.Aggregates.Where(found => found.Context == context))
        {
            var summary = aggregate.Summary is { } text ? ": " + MarkdownText.Plain(text) : "";
            page.Item($"**{MarkdownText.Plain(aggregate.Name)}**{summary}");
        }
        if (MermaidDiagram.TryDraw(model, context) is { } diagram)
            page.Block("mermaid", diagram);
        else
            page.Line(
                $"The diagram would have more arrows than Mermaid draws ({MermaidDiagram.MaxEdges}). The tables show "
                    + "the same."
            );
        foreach (var found in model.Processes.Where(found => found.Context == context))
            Process(page, found, model);
        Commands(page, [.. Slices.Of(model, context).Select(slice => slice.Command)]);
        foreach (var found in model.Events.Where(found => found.Context == context))
            Event(page, found);
        ReadModels(page, [.. model.ReadModels.Where(found => found.Context == context)]);
        Table(
            page,
            "Queries",
            ["Query", "Given", "Reads", "Answers"],
            model.Queries.Where(found => found.Context == context),
            found =>
                [
                    MarkdownText.Code(found.Name),
                    Members(found.Members),
                    Codes(found.ReadModels),
                    MarkdownText.Code(ModelText.Of(found.ResultType)),
                ]
        );
        Table(
            page,
            "Consumers",
            ["Consumer", "Reacts to", "Sends", "What it does"],
            model.Consumers.Where(found => found.Context == context),
            found =>
                [
                    MarkdownText.Code(found.Name),
                    found.ReceivesAllEvents ? "all events" : Codes(found.Events),
                    Codes(found.Sends),
                    MarkdownText.Plain(found.Summary ?? ""),
                ]
        );
    }

    private static void Commands(MarkdownText page, IReadOnlyList<CommandDescription> commands) =>
        Table(
            page,
            "Commands",
            ["Command", "Given", "Leads to", "What it does"],
            commands,
            found =>
                [
                    MarkdownText.Code(found.Name),
                    Members(found.Members),
                    Codes(found.Events),
                    MarkdownText.Plain(found.Summary ?? ""),
                ]
        );

    private static void Event(MarkdownText page, EventDescription description)
    {
        page.Title(3, description.Name);
        if (description.Summary is { } summary)
            page.Line(MarkdownText.Plain(summary));
        foreach (var writer in description.Writers)
            page.Item($"Written by {MarkdownText.Plain(ModelText.Of(writer))}");
        foreach (var group in description.Readers.GroupBy(reader => reader.Kind))
            page.Item(
                $"Read by {ModelText.Of(group.Key)} "
                    + $"{string.Join(", ", group.Select(reader => MarkdownText.Code(reader.Name)))}"
            );
        if (description.AlsoStoredAs.Count > 0)
            page.Item($"Also stored as {Codes(description.AlsoStoredAs)}");
        foreach (var version in description.Versions.Where(version => FlowText.Of(version).Length > 0))
            page.Item($"Effect of the event itself: {MarkdownText.Plain(FlowText.Of(version))}");
        var hasOnlyVersion1 = description.Versions is [{ Version: 1 }];
        page.Table(
            [.. hasOnlyVersion1 ? (string[])[] : ["Version"], "Member", "Type", "Becomes", "Meaning"],
            description.Versions.SelectMany(version => version.Members.Select(member => (string[])
            [
                .. hasOnlyVersion1 ? (string[])[] : [version.Version.ToString(CultureInfo.InvariantCulture)],
                MarkdownText.Code(member.Name),
                MarkdownText.Code(member.Type),
                MarkdownText.Plain(FlowText.Of(version, member.Name)),
                MarkdownText.Plain(member.Summary ?? "") + (member.IsRequired ? "" : " Optional."),
            ])));
    }

    private static void Process(MarkdownText page, ProcessDescription process, ModelDescription model)
    {
        page.Title(3, "Process " + ProcessText.NameOf(process, model));
        if (process.Summary is { } summary)
            page.Line(MarkdownText.Plain(summary));
        page.Block("mermaid", ProcessChart.Of(process));
        page.Line(
            "Steps are blue, events orange; red are compensations, in reverse order, and the handling of events that "
                + "come too late."
        );
    }

    private static void ReadModels(MarkdownText page, IReadOnlyList<ReadModelDescription> models)
    {
        Table(page, "Read models", ["Read model", "Key", "Made of", "Written"], models, found =>
        [
            MarkdownText.Code(found.Name), MarkdownText.Code(ModelText.Of(found.KeyType)), Codes(found.Events),
            ModelText.Of(found.Lifecycle),
        ]);
        foreach (var found in models)
        {
            Table(
                page,
                $"{found.Name}, field by field",
                ["Field", "Type", "Made of", "Meaning"],
                found.Members,
                member =>
                    [
                        MarkdownText.Code(member.Name),
                        MarkdownText.Code(ModelText.Of(member.Type)),
                        MarkdownText.Plain(FlowText.Of(found, member.Name)),
                        MarkdownText.Plain(member.Summary ?? ""),
                    ]
            );
            if (FlowText.UnknownOf(found).Any())
                page.Line($"The effect of {Codes(FlowText.UnknownOf(found))} is unknown.");
        }
    }

    private static void Table<T>(
        MarkdownText page, string title, string[] columns, IEnumerable<T> items, Func<T, string[]> row)
    {
        var rows = items.Select(row).ToList();
        if (rows.Count == 0)
            return;
        page.Title(3, title);
        page.Table(columns, rows);
    }

    private static string Members(IEnumerable<MemberDescription> members) =>
        Codes(members.Select(member => member.Name));

    private static string Codes(IEnumerable<string> names) => string.Join(", ", names.Select(MarkdownText.Code));
}
