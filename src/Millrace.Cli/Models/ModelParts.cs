using System.Globalization;
using Millrace.Cli.Output;
using Millrace.Serialization;

namespace Millrace.Cli.Models;

/// <summary>All parts of a model that can be shown.</summary>
internal static class ModelParts
{
    public static List<ModelPart> Of(ModelDescription model) =>
        [
            .. model.Events.Select(found => new ModelPart(
                "event",
                [found.Name, Simple(found.Type), .. found.AlsoStoredAs],
                call => Show(call, found),
                json => ModelJsonOptionsSetup.Write(json, found))),
            .. model.Aggregates.Select(found => new ModelPart(
                "aggregate",
                [found.Name, Simple(found.Type)],
                call => Show(call, found),
                json => ModelJsonOptionsSetup.Write(json, found))),
            .. model.Commands.Select(found => new ModelPart(
                "command",
                [found.Name, found.Type.Name],
                call => Show(call, found),
                json => ModelJsonOptionsSetup.Write(json, found))),
            .. model.Queries.Select(found => new ModelPart(
                "query",
                [found.Name, found.Type.Name],
                call => Show(call, found),
                json => ModelJsonOptionsSetup.Write(json, found))),
            .. model.ReadModels.Select(found => new ModelPart(
                "read model",
                [found.Name, found.DocumentType.Name],
                call => Show(call, found),
                json => ModelJsonOptionsSetup.Write(json, found))),
            .. model.Consumers.Select(found => new ModelPart(
                "consumer",
                [found.Name],
                call => Show(call, found),
                json => ModelJsonOptionsSetup.Write(json, found))),
            .. model.Processes.Select(found => new ModelPart(
                "process",
                [found.Name, Simple(found.Type)],
                call => Show(call, found),
                json => ModelJsonOptionsSetup.Write(json, found))),
        ];

    private static void Show(ToolInvocation call, EventDescription found)
    {
        Head(call, $"event {found.Name}", found.Context, found.Summary);
        foreach (var version in found.Versions)
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
            if (FlowText.Of(version) is { Length: > 0 } happened)
                call.Line($"effect of the event itself: {happened}");
        }
        var facts = TextTable.OfFacts();
        if (found.AlsoStoredAs.Count > 0)
            facts.Add("also stored as", ModelText.List(found.AlsoStoredAs));
        foreach (var writer in found.Writers)
            facts.Add("written by", $"{ModelText.Of(writer.Kind)} {ModelText.Of(writer)}");
        if (found.Writers.Count == 0)
            facts.Add("written by", "unknown");
        foreach (var group in found.Readers.GroupBy(reader => reader.Kind))
            facts.Add("read by", $"{ModelText.Of(group.Key)} {ModelText.List(group.Select(reader => reader.Name))}");
        if (found.Readers.Count == 0)
            facts.Add("read by", "unknown");
        facts.Write(call);
    }

    private static void Show(ToolInvocation call, AggregateDescription found)
    {
        Head(call, $"{(found.IsDecider ? "decider" : "aggregate")} {found.Name}", found.Context, found.Summary);
        var streams = found.Category + "-…" + (found.Id is { } id ? ", with a " + id : "");
        var facts = TextTable.OfFacts().Add("class", found.Type).Add("streams", streams);
        if (found.SnapshotEvery > 0)
            facts.Add("snapshots", $"every {TextTable.Number(found.SnapshotEvery)} events");
        facts.Add("changed by", ModelText.List(found.Reads)).Write(call);
        var methods = new TextTable("method", "raises", "may be rejected by");
        foreach (var method in found.Methods)
            methods.Add(method.Name, ModelText.List(method.Events), ModelText.List(method.Rules));
        methods.Write(call);
        var rules = new TextTable("rule", "~condition", "~message for users");
        foreach (var rule in found.Rules)
            rules.Add(rule.Name, string.Join("; ", rule.Conditions), rule.Message ?? "");
        rules.Write(call);
        var states = new TextTable("state member", "type", "refers to");
        foreach (var state in found.State)
            states.Add(state.Name, state.Type, ModelText.List(state.RefersTo));
        states.Write(call);
    }

    private static void Show(ToolInvocation call, CommandDescription found)
    {
        Head(call, $"command {found.Name}", found.Context, found.Summary);
        Show(call, found.Members);
        var facts = TextTable
            .OfFacts()
            .Add("class", found.Type.FullName ?? "")
            .Add("answers", ModelText.Of(found.ResultType));
        if (found.Handler is { } handler)
            facts.Add("handled by", handler);
        foreach (var target in found.Targets)
        {
            var does = target.IsChanged ? $"changed: {ModelText.List(target.Events)}" : "only read";
            facts.Add($"aggregate {target.Aggregate}", $"{ModelText.Of(target.Must)}; {does}");
        }
        if (found.Appends.Count > 0)
            facts.Add("appends", ModelText.List(found.Appends));
        if (found.Claims.Count > 0)
            facts.Add("unique", ModelText.List(found.Claims));
        if (found.SentBy.Count > 0)
            facts.Add("sent by", ModelText.List(found.SentBy));
        facts.Write(call);
    }

    private static void Show(ToolInvocation call, QueryDescription found)
    {
        Head(call, $"query {found.Name}", found.Context, found.Summary);
        Show(call, found.Members);
        TextTable.OfFacts().Add("class", found.Type.FullName ?? "").Add("reads", ModelText.List(found.ReadModels))
            .Add("answers", ModelText.Of(found.ResultType)).Write(call);
    }

    private static void Show(ToolInvocation call, ReadModelDescription found)
    {
        Head(call, $"read model {found.Name}", found.Context, found.Summary);
        Show(call, found.Members, member => FlowText.Of(found, member));
        TextTable.OfFacts().Add("document", found.DocumentType.FullName ?? "").Add("key", ModelText.Of(found.KeyType))
            .Add("version", TextTable.Number(found.Version)).Add("written", ModelText.Of(found.Lifecycle))
            .Add("made of", ModelText.List(found.Events))
            .Add("effect unknown", ModelText.List(FlowText.UnknownOf(found)))
            .Add("read by", ModelText.List(found.Queries))
            .Write(call);
    }

    private static void Show(ToolInvocation call, ConsumerDescription found)
    {
        Head(call, $"consumer {found.Name}", found.Context, found.Summary);
        TextTable.OfFacts()
            .Add("in", found.Location)
            .Add("events", found.ReceivesAllEvents ? "all" : ModelText.List(found.Events))
            .Add("sends", ModelText.List(found.Sends)).Write(call);
    }

    private static void Show(ToolInvocation call, ProcessDescription found)
    {
        Head(call, $"process {found.Name}", found.Context, found.Summary);
        TextTable.OfFacts().Add("class", found.Type).Add("version", TextTable.Number(found.Version))
            .Add("started by", ModelText.List(found.StartedBy)).Write(call);
        var rows = new TextTable("part", "does", "undone by", "on timeout");
        var hasPassed = false;
        Add(rows, found.Parts, "", ref hasPassed);
        rows.Write(call);
    }

    /// <summary>Writes parts in order. Nested parts are indented.</summary>
    private static void Add(TextTable rows, IEnumerable<ProcessPart> parts, string indent, ref bool hasPassed)
    {
        foreach (var part in parts)
        {
            hasPassed |= part.Kind == ProcessPartKind.PointOfNoReturn;
            rows.Add(
                indent + part.Name,
                ProcessText.Does(part),
                ProcessText.Undo(part) ?? "",
                ProcessText.TimeoutText(part, hasPassed) ?? "");
            Add(rows, part.Steps, indent + "· ", ref hasPassed);
            Add(rows, part.Then, indent + "then ", ref hasPassed);
            Add(rows, part.Otherwise, indent + "otherwise ", ref hasPassed);
        }
    }

    private static void Head(ToolInvocation call, string what, string context, string? summary)
    {
        call.Line($"{what} ({context})");
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
            var isSure = member is { IsRequired: true, AllowsNull: false };
            string[] middle = madeOf is null ? [] : [madeOf(member.Name)];
            rows.Add([
                member.Name,
                ModelText.Of(member.Type),
                isSure ? "" : "optional",
                .. middle,
                member.Summary ?? "",
            ]);
        }
        rows.Write(call);
    }

    private static string Simple(string type) => type[(type.LastIndexOfAny(['.', '+']) + 1)..];
}
