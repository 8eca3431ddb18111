using System.Text.Json;
using Millrace.Cli.Models;

namespace Millrace.Cli.Design;

/// <summary>Writes a proposal as Markdown and as JSON.</summary>
internal static class DesignReport
{
    public static string Markdown(DesignProposal proposal)
    {
        var page = new MarkdownText();
        page.Title(1, $"Design of {proposal.File.Application}");
        if (proposal.File.Summary is { } summary)
            page.Line(MarkdownText.Plain(summary));
        foreach (var context in proposal.Contexts)
        {
            page.Title(2, $"Context {context.Name}");
            page.Line(MarkdownText.Plain(context.Reason));
            foreach (var aggregate in context.Aggregates)
                Write(page, aggregate);
        }
        page.Title(2, "Read models");
        foreach (var model in proposal.ReadModels)
        {
            page.Title(3, model.Name);
            page.Line($"{MarkdownText.Plain(model.Reason)} Its key is {model.Key}.");
            page.Table(
                ["Event", "Becomes"],
                model.Rows.Select(row =>
                    (string[])[MarkdownText.Code(row.Step.Stored), MarkdownText.Plain(row.Becomes)]));
        }
        if (proposal.Notes.Count > 0)
        {
            page.Title(2, "Open questions");
            foreach (var note in proposal.Notes)
                page.Item(MarkdownText.Plain(note));
        }
        return page.ToString();
    }

    public static void Json(Utf8JsonWriter writer, DesignProposal proposal)
    {
        writer.WriteString("application"u8, proposal.File.Application);
        ModelJsonWriter.Text(writer, "summary", proposal.File.Summary);
        ModelJsonWriter.Each(writer, "contexts", proposal.Contexts, static (json, context) =>
        {
            json.WriteString("name"u8, context.Name);
            json.WriteString("reason"u8, context.Reason);
            ModelJsonWriter.Each(json, "aggregates", context.Aggregates, Write);
        });
        ModelJsonWriter.Each(writer, "readModels", proposal.ReadModels, static (json, model) =>
        {
            json.WriteString("name"u8, model.Name);
            json.WriteString("storedName"u8, model.Stored);
            json.WriteString("key"u8, model.Key);
            json.WriteString("reason"u8, model.Reason);
            ModelJsonWriter.Each(json, "transformations", model.Rows, static (inner, row) =>
            {
                inner.WriteString("event"u8, row.Step.Stored);
                inner.WriteString("becomes"u8, row.Becomes);
            });
            ModelJsonWriter.Texts(json, "queries", model.Queries.Select(query => query.Name));
        });
        ModelJsonWriter.Texts(writer, "notes", proposal.Notes);
    }

    private static void Write(MarkdownText page, AggregateProposal aggregate)
    {
        page.Title(3, $"Aggregate {aggregate.Of.Name}");
        if (aggregate.Of.Summary is { } summary)
            page.Line(MarkdownText.Plain(summary));
        page.Line($"Boundary: {MarkdownText.Plain(aggregate.Reason)}");
        page.Table(
            ["Command", "Event", "Tells", "Why"],
            aggregate.Steps.Select(step => (string[])
            [
                MarkdownText.Code(step.Command), $"{MarkdownText.Code(step.Event)} ({MarkdownText.Code(step.Stored)})",
                MarkdownText.Plain(string.Join(", ", MembersOf(step))), MarkdownText.Plain(step.Reason),
            ]));
        if (aggregate.Of.Rules.Count > 0)
        {
            page.Table(
                ["Rule", "Checked", "Message for users"],
                aggregate.Of.Rules.Select(rule =>
                    (string[])
                        [
                            MarkdownText.Code(rule.Name),
                            rule.When is { } state ? $"before the change to {state}" : "after every event",
                            MarkdownText.Plain(rule.Message),
                        ]
                )
            );
        }
        var dataTerms = string.Join(", ", aggregate.AlsoPossible);
        page.Line(
            $"Data terms that are also possible: {dataTerms}. Domain terms say more than that a row has changed.");
    }

    private static IEnumerable<string> MembersOf(Step step) => step.Given.Select(one => one.Name)
        .Concat(step.Known.Select(known => $"{known.Attribute.Name} ({known.Why})"));

    private static void Write(Utf8JsonWriter json, AggregateProposal aggregate)
    {
        json.WriteString("name"u8, aggregate.Of.Name);
        ModelJsonWriter.Text(json, "summary", aggregate.Of.Summary);
        json.WriteString("reason"u8, aggregate.Reason);
        ModelJsonWriter.Texts(json, "parts", aggregate.Parts.Select(part => part.Name));
        ModelJsonWriter.Texts(json, "refersTo", aggregate.RefersTo);
        ModelJsonWriter.Each(json, "steps", aggregate.Steps, static (inner, step) =>
        {
            inner.WriteString("command"u8, step.Command);
            inner.WriteString("event"u8, step.Event);
            inner.WriteString("storedName"u8, step.Stored);
            ModelJsonWriter.Texts(inner, "tells", step.EventAttributes.Select(one => one.Name));
            ModelJsonWriter.Texts(inner, "from", step.From);
            ModelJsonWriter.Text(inner, "to", step.To);
            inner.WriteString("reason"u8, step.Reason);
        });
        ModelJsonWriter.Each(json, "invariants", aggregate.Of.Rules, static (inner, rule) =>
        {
            inner.WriteString("name"u8, rule.Name);
            ModelJsonWriter.Text(inner, "when", rule.When);
            inner.WriteString("message"u8, rule.Message);
        });
        ModelJsonWriter.Texts(json, "alsoPossible", aggregate.AlsoPossible);
    }
}
