using System.Globalization;

namespace Millrace.Cli.Models.Diagrams;

/// <summary>
/// Draws a process on the page of a model. The parts are drawn from top to bottom, each with its compensation and
/// timeout.
/// </summary>
internal static class ProcessBoard
{
    public static void Write(HtmlText page, ProcessDescription process, ModelDescription model)
    {
        var version = process.Version.ToString(CultureInfo.InvariantCulture);
        page.Raw($"<article class=\"entry\" id=\"{HtmlText.Anchor("process", process.Name)}-{version}\">\n")
            .Element("h3", ProcessText.NameOf(process, model), "class=\"process\"");
        if (process.Summary is { } summary)
            page.Element("p", summary);
        page.Raw("<ol class=\"process\">\n<li class=\"first\"><span class=\"what\">Starts with</span> ");
        foreach (var name in process.StartedBy)
            Event(page, name);
        page.Raw("</li>\n");
        var isIrreversible = false;
        Parts(page, process.Parts, ref isIrreversible);
        page.Raw("<li class=\"last\"><span class=\"what\">Completed</span></li>\n</ol>\n");
        page.Element("p", "When a step fails, the completed steps are undone in reverse order.", "class=\"fact\"")
            .Raw("</article>\n");
    }

    private static void Parts(HtmlText page, IReadOnlyList<ProcessPart> parts, ref bool isIrreversible)
    {
        foreach (var part in parts)
        {
            var kind = part.Kind switch
            {
                ProcessPartKind.PointOfNoReturn => "gate",
                ProcessPartKind.Await => "waits",
                _ => "part",
            };
            isIrreversible |= part.Kind == ProcessPartKind.PointOfNoReturn;
            page.Raw($"<li class=\"{kind}\"><span class=\"what\">").Text(part.Name).Raw("</span> ");
            WriteDescription(page, part);
            WriteAlternatives(page, part, isIrreversible);
            WriteNestedParts(page, part, ref isIrreversible);
            page.Raw("</li>\n");
        }
    }

    private static void WriteDescription(HtmlText page, ProcessPart part)
    {
        switch (part.Kind)
        {
            case ProcessPartKind.Step:
                foreach (var name in part.Sends)
                    page.Element("span", name, "class=\"chip command\"");
                if (part.Sends.Count == 0)
                    page.Text("sends a command");
                break;
            case ProcessPartKind.Await:
                page.Text("waits for ");
                Event(page, part.Event!); // A wait has an event.
                break;
            case ProcessPartKind.Decision:
                page.Text("decides by ");
                Event(page, part.Event!); // A decision has an event.
                break;
            default:
                page.Text(ProcessText.DescriptionOf(part));
                break;
        }
    }

    private static void WriteAlternatives(HtmlText page, ProcessPart part, bool isIrreversible)
    {
        if (part.CanBeUndone)
        {
            page.Raw("<span class=\"aside\">undone by ");
            foreach (var name in part.UndoneBy)
                page.Element("span", name, "class=\"chip undo\"");
            page.Text(part.UndoneBy.Count == 0 ? "a command" : "").Raw("</span>");
        }
        else if (part.Within is { } within && ProcessText.TimeoutText(part, isIrreversible) is { } timeout)
        {
            page.Element("span", $"after {ProcessText.Of(within)}: {timeout}", "class=\"aside\"");
        }
    }

    private static void WriteNestedParts(HtmlText page, ProcessPart part, ref bool isIrreversible)
    {
        if (part.Kind == ProcessPartKind.Parallel)
        {
            page.Raw("\n<ul class=\"together\">\n");
            Parts(page, part.Steps, ref isIrreversible);
            page.Raw("</ul>\n");
        }
        if (part.Kind != ProcessPartKind.Decision)
            return;
        page.Raw("\n<div class=\"ways\">\n");
        WriteBranch(page, "then", part.Then, ref isIrreversible);
        WriteBranch(page, "otherwise", part.Otherwise, ref isIrreversible);
        page.Raw("</div>\n");
    }

    private static void WriteBranch(
        HtmlText page, string name, IReadOnlyList<ProcessPart> parts, ref bool isIrreversible)
    {
        page.Raw("<div>").Element("p", parts.Count == 0 ? name + ": nothing" : name, "class=\"way\"");
        if (parts.Count > 0)
        {
            page.Raw("<ol class=\"process\">\n");
            Parts(page, parts, ref isIrreversible);
            page.Raw("</ol>\n");
        }
        page.Raw("</div>\n");
    }

    private static void Event(HtmlText page, string name) =>
        page.Raw($"<a class=\"chip event\" href=\"#{HtmlText.Anchor("event", name)}\">").Text(name).Raw("</a> ");
}
