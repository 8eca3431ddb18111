using System.Globalization;
using Millrace.Cli.Output;
using Millrace.Serialization;

namespace Millrace.Cli.Models;

/// <summary>All parts of a model that can be shown.</summary>
internal static class ModelParts
{
    public static List<ModelPart> Of(ModelDescription model) =>
        [
            .. model.Events.Select(part => new ModelPart(
                "event",
                [part.Name, SimpleName(part.Type), .. part.AlsoStoredAs],
                call => Show(call, part),
                json => ModelJsonWriter.Write(json, part))),
            .. model.Aggregates.Select(part => new ModelPart(
                "aggregate",
                [part.Name, SimpleName(part.Type)],
                call => Show(call, part),
                json => ModelJsonWriter.Write(json, part))),
            .. model.Commands.Select(part => new ModelPart(
                "command",
                [part.Name, part.Type.Name],
                call => Show(call, part),
                json => ModelJsonWriter.Write(json, part))),
            .. model.Queries.Select(part => new ModelPart(
                "query",
                [part.Name, part.Type.Name],
                call => Show(call, part),
                json => ModelJsonWriter.Write(json, part))),
            .. model.ReadModels.Select(part => new ModelPart(
                "read model",
                [part.Name, part.DocumentType.Name],
                call => Show(call, part),
                json => ModelJsonWriter.Write(json, part))),
            .. model.Consumers.Select(part => new ModelPart(
                "consumer",
                [part.Name],
                call => Show(call, part),
                json => ModelJsonWriter.Write(json, part))),
            .. model.Processes.Select(part => new ModelPart(
                "process",
                [part.Name, SimpleName(part.Type)],
                call => Show(call, part),
                json => ModelJsonWriter.Write(json, part))),
        ];

    private static void Show(ToolInvocation call, EventDescription part)
    {
        Head(call, $"event {part.Name}", part.Context, part.Summary);
        foreach (var version in part.Versions)
        {
            var type = version.ClrType?.FullName ?? "read as JSON, by an upcaster";
            call.Line($"version {version.Version.ToString(CultureInfo.InvariantCulture)}: {type}");
            var rows = new TextTable("member", "type", "", "becomes", "meaning");
            foreach (var member in version.Members)
            {
                var becomes = FlowText.Of(version, member.Name);
                rows.Add(
                    member.Name, member.Type, member.IsRequired ? "" : "optional", becomes, member.Summary ?? "");
            }
            rows.Write(call);
            if (FlowText.Of(version) is { Length: > 0 } effect)
                call.Line($"effect of the event itself: {effect}");
        }
        var facts = TextTable.OfFacts();
        if (part.AlsoStoredAs.Count > 0)
            facts.Add("also stored as", ModelText.List(part.AlsoStoredAs));
        foreach (var writer in part.Writers)
            facts.Add("written by", $"{ModelText.Of(writer.Kind)} {ModelText.Of(writer)}");
        if (part.Writers.Count == 0)
            facts.Add("written by", "unknown");
        foreach (var group in part.Readers.GroupBy(reader => reader.Kind))
            facts.Add("read by", $"{ModelText.Of(group.Key)} {ModelText.List(group.Select(reader => reader.Name))}");
        if (part.Readers.Count == 0)
            facts.Add("read by", "unknown");
        if (part.Marks.Count > 0)
            facts.Add("encrypted", ModelText.List(part.Marks.Select(mark => mark.Path)));
        facts.Write(call);
    }

    private static void Show(ToolInvocation call, AggregateDescription part)
    {
        Head(call, $"{(part.IsDecider ? "decider" : "aggregate")} {part.Name}", part.Context, part.Summary);
        var streams = part.Category + "-…" + (part.Id is { } id ? ", with a " + id : "");
        var facts = TextTable.OfFacts().Add("class", part.Type).Add("streams", streams);
        if (part.SnapshotEvery > 0)
            facts.Add("snapshots", $"every {TextTable.Number(part.SnapshotEvery)} events");
        facts.Add("changed by", ModelText.List(part.Reads)).Write(call);
        var methods = new TextTable("method", "raises", "may be rejected by");
        foreach (var method in part.Methods)
            methods.Add(method.Name, ModelText.List(method.Events), ModelText.List(method.Rules));
        methods.Write(call);
        var rules = new TextTable("rule", "~condition", "~message for users");
        foreach (var rule in part.Rules)
            rules.Add(rule.Name, string.Join("; ", rule.Conditions), rule.Message ?? "");
        rules.Write(call);
        var states = new TextTable("state member", "type", "refers to");
        foreach (var state in part.State)
            states.Add(state.Name, state.Type, ModelText.List(state.RefersTo));
        states.Write(call);
    }

    private static void Show(ToolInvocation call, CommandDescription part)
    {
        Head(call, $"command {part.Name}", part.Context, part.Summary);
        Show(call, part.Members);
        var facts = TextTable
            .OfFacts()
            .Add("class", part.Type.FullName ?? "")
            .Add("answers", ModelText.Of(part.ResultType));
        if (part.Handler is { } handler)
            facts.Add("handled by", handler);
        foreach (var target in part.Targets)
        {
            var effect = target.IsChanged ? $"changed: {ModelText.List(target.Events)}" : "only read";
            facts.Add($"aggregate {target.Aggregate}", $"{ModelText.Of(target.Must)}; {effect}");
        }
        if (part.Appends.Count > 0)
            facts.Add("appends", ModelText.List(part.Appends));
        if (part.Claims.Count > 0)
            facts.Add("unique", ModelText.List(part.Claims));
        if (part.SentBy.Count > 0)
            facts.Add("sent by", ModelText.List(part.SentBy));
        facts.Write(call);
    }

    private static void Show(ToolInvocation call, QueryDescription part)
    {
        Head(call, $"query {part.Name}", part.Context, part.Summary);
        Show(call, part.Members);
        TextTable.OfFacts().Add("class", part.Type.FullName ?? "").Add("reads", ModelText.List(part.ReadModels))
            .Add("answers", ModelText.Of(part.ResultType)).Write(call);
    }

    private static void Show(ToolInvocation call, ReadModelDescription part)
    {
        Head(call, $"read model {part.Name}", part.Context, part.Summary);
        Show(call, part.Members, member => FlowText.Of(part, member));
        var facts = TextTable.OfFacts().Add("document", part.DocumentType.FullName ?? "")
            .Add("key", ModelText.Of(part.KeyType))
            .Add("version", TextTable.Number(part.Version)).Add("written", ModelText.Of(part.Lifecycle))
            .Add("made of", ModelText.List(part.Events))
            .Add("effect unknown", ModelText.List(FlowText.UnknownOf(part)))
            .Add("read by", ModelText.List(part.Queries));
        if (part.Marks.Count > 0)
            facts.Add("encrypted", ModelText.List(part.Marks.Select(mark => mark.Path)));
        facts.Write(call);
    }

    private static void Show(ToolInvocation call, ConsumerDescription part)
    {
        Head(call, $"consumer {part.Name}", part.Context, part.Summary);
        TextTable.OfFacts()
            .Add("in", part.Location)
            .Add("events", part.ReceivesAllEvents ? "all" : ModelText.List(part.Events))
            .Add("sends", ModelText.List(part.Sends)).Write(call);
    }

    private static void Show(ToolInvocation call, ProcessDescription part)
    {
        Head(call, $"process {part.Name}", part.Context, part.Summary);
        TextTable.OfFacts().Add("class", part.Type).Add("version", TextTable.Number(part.Version))
            .Add("started by", ModelText.List(part.StartedBy)).Write(call);
        var rows = new TextTable("part", "does", "undone by", "on timeout");
        var isIrreversible = false;
        Add(rows, part.Parts, "", ref isIrreversible);
        rows.Write(call);
    }

    /// <summary>Writes parts in order. Nested parts are indented.</summary>
    private static void Add(TextTable rows, IEnumerable<ProcessPart> parts, string indent, ref bool isIrreversible)
    {
        foreach (var part in parts)
        {
            isIrreversible |= part.Kind == ProcessPartKind.PointOfNoReturn;
            rows.Add(
                indent + part.Name,
                ProcessText.DescriptionOf(part),
                ProcessText.CompensationOf(part) ?? "",
                ProcessText.TimeoutText(part, isIrreversible) ?? "");
            Add(rows, part.Steps, indent + "· ", ref isIrreversible);
            Add(rows, part.Then, indent + "then ", ref isIrreversible);
            Add(rows, part.Otherwise, indent + "otherwise ", ref isIrreversible);
        }
    }

    private static void Head(ToolInvocation call, string title, string context, string? summary)
    {
        call.Line($"{title} ({context})");
        if (summary is not null)
            call.Line(summary);
    }

    private static void Show(
        ToolInvocation call, IReadOnlyList<MemberDescription> members, Func<string, string>? madeOf = null)
    {
        if (members.Count == 0)
            return;
        string[] columns = madeOf is null
            ? ["member", "type", "", "meaning"]
            : ["member", "type", "", "made of", "meaning"];
        var rows = new TextTable(columns);
        foreach (var member in members)
        {
            var isRequired = member is { IsRequired: true, AllowsNull: false };
            string[] middle = madeOf is null ? [] : [madeOf(member.Name)];
            rows.Add([
                member.Name,
                ModelText.Of(member.Type),
                isRequired ? "" : "optional",
                .. middle,
                member.Summary ?? "",
            ]);
        }
        rows.Write(call);
    }

    private static string SimpleName(string type) => type[(type.LastIndexOfAny(['.', '+']) + 1)..];
}
