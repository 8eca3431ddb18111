using System.Globalization;
using Millrace.Serialization;

namespace Millrace.Cli.Models.Diagrams;

/// <summary>
/// Writes a model as one HTML page. Each context has a board with a column for each command. A column shows the events
/// in the lanes of their aggregates, and the read models and consumers below them. The catalog follows the board. The
/// page has no scripts and no external resources.
/// </summary>
internal static class ModelPage
{
    public static string Of(ModelDescription model)
    {
        var page = new HtmlText();
        var title = model.Models is [var first, ..] ? first[(first.LastIndexOf('.') + 1)..] : "Application";
        page.Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Element("title", $"{title}: event model")
            .Raw("<style>\n")
            .Raw(PageStyle.Css)
            .Raw("</style>\n</head>\n<body>\n<header>\n")
            .Element("h1", $"{title}: event model");
        if (model.Summary is { } summary)
            page.Element("p", summary);
        page.Raw(
                "<p class=\"key\"><span class=\"chip command\">command</span> <span class=\"chip event\">event</span> ")
            .Raw(
                "<span class=\"chip read-model\">read model</span> <span class=\"chip consumer\">reaction, "
                    + "process</span></p>\n<nav>\n"
            );
        foreach (var context in model.Contexts)
            page.Element("a", context, $"href=\"#{HtmlText.Anchor("context", context)}\"");
        page.Raw("</nav>\n</header>\n<main>\n");
        foreach (var context in model.Contexts)
            Context(page, model, context);
        return page.Raw("</main>\n</body>\n</html>\n").ToString();
    }

    private static void Context(HtmlText page, ModelDescription model, string context)
    {
        page.Raw($"<section class=\"context\" id=\"{HtmlText.Anchor("context", context)}\">\n").Element("h2", context);
        foreach (var aggregate in model.Aggregates.Where(found => found.Context == context))
        {
            page.Raw("<p><strong>").Text(aggregate.Name).Raw("</strong>")
                .Text(aggregate.Summary is { } summary ? " – " + summary : "").Raw("</p>\n");
        }
        Board(page, model, context);
        foreach (var found in model.Processes.Where(found => found.Context == context))
            ProcessBoard.Write(page, found, model);
        foreach (var found in model.Events.Where(found => found.Context == context))
            Event(page, found);
        foreach (var found in model.ReadModels.Where(found => found.Context == context))
            ReadModel(page, found);
        page.Raw("</section>\n");
    }

    private static void Board(HtmlText page, ModelDescription model, string context)
    {
        var slices = Slices.Of(model, context);
        if (slices.Count == 0)
            return;
        var lanes = slices
            .SelectMany(slice => slice.Events)
            .Select(lane => lane.Lane)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        var rows = lanes.Count + 3; // One row of commands above the lanes; read models and reactions below.
        var readModelRow = (lanes.Count + 2).ToString(CultureInfo.InvariantCulture);
        page.Raw(
                $"<div class=\"board\" tabindex=\"0\" role=\"region\" aria-label=\"{context} over time\" "
                    + $"style=\"--rows:{Text(rows)}\">\n"
            )
            .Raw("<div class=\"lanes\" aria-hidden=\"true\">\n")
            .Element("span", "Commands", "style=\"grid-row:1\"");
        foreach (var (index, lane) in lanes.Index())
            page.Element("span", lane, $"style=\"grid-row:{Text(index + 2)}\"");
        page.Element("span", "Read models", $"style=\"grid-row:{readModelRow}\"")
            .Element("span", "Reactions", $"style=\"grid-row:{Text(rows)}\"")
            .Raw("</div>\n");
        foreach (var slice in slices)
            Column(page, model, slice, lanes, rows);
        page.Raw("</div>\n");
    }

    private static void Column(HtmlText page, ModelDescription model, Slice slice, List<string> lanes, int rows)
    {
        page.Raw("<article class=\"slice\">\n<div style=\"grid-row:1\">")
            .Element("div", slice.Command.Name, $"class=\"chip command\" title=\"{Attribute(slice.Command.Summary)}\"")
            .Raw("</div>\n");
        foreach (var (index, lane) in lanes.Index())
            WriteChips(
                page,
                "event",
                [.. slice.Events.Where(found => found.Lane == lane).SelectMany(found => found.Events)],
                index + 2);
        WriteChips(page, "read-model", slice.ReadModels, rows - 1);
        page.Raw($"<div style=\"grid-row:{Text(rows)}\">");
        foreach (var name in slice.Consumers)
        {
            var sends = model.Consumers.First(consumer => consumer.Name == name).Sends;
            page.Element(
                "div", sends.Count == 0 ? name : $"{name} → {string.Join(", ", sends)}", "class=\"chip consumer\"");
        }
        page.Raw("</div>\n</article>\n");
    }

    private static void WriteChips(HtmlText page, string kind, IReadOnlyList<string> names, int row)
    {
        page.Raw($"<div style=\"grid-row:{Text(row)}\">");
        foreach (var name in names)
        {
            page.Raw($"<a class=\"chip {kind}\" href=\"#{HtmlText.Anchor(kind, name)}\">")
                .Raw(string.Join(".<wbr>", name.Split('.').Select(System.Net.WebUtility.HtmlEncode))).Raw("</a>\n");
        }
        page.Raw("</div>\n");
    }

    private static void Event(HtmlText page, EventDescription description)
    {
        page.Raw($"<article class=\"entry\" id=\"{HtmlText.Anchor("event", description.Name)}\">\n")
            .Element("h3", description.Name, "class=\"event\"");
        if (description.Summary is { } summary)
            page.Element("p", summary);
        Fact(page, "Written by", description.Writers.Select(ModelText.Of));
        Fact(page, "Read by", description.Readers.Select(reader => $"{ModelText.Of(reader.Kind)} {reader.Name}"));
        Fact(page, "Also stored as", description.AlsoStoredAs);
        foreach (var version in description.Versions)
        {
            var rows = version.Members.Select(member =>
                (
                    member.Name,
                    member.Type,
                    FlowText.Of(version, member.Name),
                    Meaning(member.Summary, member.IsRequired)));
            Table(
                page,
                description.Versions is [{ Version: 1 }] ? null : $"Version {Text(version.Version)}",
                "Becomes",
                rows);
            var effect = FlowText.Of(version);
            Fact(page, "Effect of the event itself", effect.Length > 0 ? [effect] : []);
        }
        page.Raw("</article>\n");
    }

    private static void ReadModel(HtmlText page, ReadModelDescription readModel)
    {
        page.Raw($"<article class=\"entry\" id=\"{HtmlText.Anchor("read-model", readModel.Name)}\">\n")
            .Element("h3", readModel.Name, "class=\"read-model\"");
        if (readModel.Summary is { } summary)
            page.Element("p", summary);
        Fact(page, "Key", [ModelText.Of(readModel.KeyType)]);
        Fact(page, "Made of", readModel.Events);
        Fact(page, "Queries", readModel.Queries);
        Fact(page, "Written", [ModelText.Of(readModel.Lifecycle)]);
        Fact(page, "Effect unknown", FlowText.UnknownOf(readModel));
        Table(page, null, "Made of", readModel.Members.Select(member =>
            (member.Name, ModelText.Of(member.Type), FlowText.Of(readModel, member.Name), MeaningOf(member))));
        page.Raw("</article>\n");
    }

    private static void Fact(HtmlText page, string label, IEnumerable<string> names)
    {
        var text = ModelText.List(names);
        if (text.Length > 0)
            page.Raw("<p class=\"fact\"><span>").Text(label).Raw("</span> ").Text(text).Raw("</p>\n");
    }

    private static void Table(
        HtmlText page,
        string? caption,
        string flow,
        IEnumerable<(string Name, string Type, string Flow, string Meaning)> rows)
    {
        page.Raw("<table>\n");
        if (caption is not null)
            page.Element("caption", caption);
        page.Raw("<thead><tr>").Element("th", "Member", "scope=\"col\"").Element("th", "Type", "scope=\"col\"")
            .Element("th", flow, "scope=\"col\"").Element("th", "Meaning", "scope=\"col\"").Raw("</tr></thead>\n");
        foreach (var (name, type, becomes, meaning) in rows)
        {
            page.Raw("<tr>").Element("th", name, "scope=\"row\"").Element("td", type, "class=\"type\"")
                .Element("td", becomes, $"class=\"flow\" data-label=\"{flow}\"").Element("td", meaning).Raw("</tr>\n");
        }
        page.Raw("</table>\n");
    }

    private static string MeaningOf(MemberDescription member) =>
        Meaning(member.Summary, member is { IsRequired: true, AllowsNull: false });

    private static string Meaning(string? summary, bool isRequired) =>
        ((summary ?? "") + (isRequired ? "" : " Optional.")).Trim();

    private static string Attribute(string? text) => System.Net.WebUtility.HtmlEncode(text ?? "");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
