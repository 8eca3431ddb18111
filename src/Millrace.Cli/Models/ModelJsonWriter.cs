using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Millrace.Serialization;

namespace Millrace.Cli.Models;

/// <summary>Writes a model as JSON. The page docs/reference/cli.md documents the format.</summary>
internal static class ModelJsonWriter
{
    public static void Write(Utf8JsonWriter writer, ModelDescription model)
    {
        Texts(writer, "models", model.Models);
        Text(writer, "summary", model.Summary);
        writer.WriteBoolean("isComplete"u8, model.IsComplete);
        Texts(writer, "contexts", model.Contexts);
        Each(writer, "events", model.Events, Write);
        Each(writer, "aggregates", model.Aggregates, Write);
        Each(writer, "commands", model.Commands, Write);
        Each(writer, "queries", model.Queries, Write);
        Each(writer, "readModels", model.ReadModels, Write);
        Each(writer, "consumers", model.Consumers, Write);
        Each(writer, "processes", model.Processes, Write);
    }

    /// <summary>Returns the content of a JSON file with the complete model.</summary>
    public static string Text(ModelDescription model)
    {
        using var bytes = new MemoryStream();
        using (
            var writer = new Utf8JsonWriter(
                bytes, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            Write(writer, model);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray()).ReplaceLineEndings("\n") + "\n";
    }

    public static void Write(Utf8JsonWriter writer, EventDescription part)
    {
        Head(writer, part.Name, part.Context, part.Summary);
        writer.WriteString("class"u8, part.Type);
        Each(
            writer,
            "versions",
            part.Versions,
            static (json, version) =>
            {
                json.WriteNumber("version"u8, version.Version);
                Text(json, "class", version.ClrType?.FullName);
                Text(json, "contentType", version.ContentType);
                if (version.ReadableBy > 0)
                    json.WriteNumber("readableBy"u8, version.ReadableBy);
                Texts(json, "becomes", [.. version.Becomes.Select(step => step.ToString())]);
                Texts(json, "readAs", [.. version.ReadAs.Select(end => end.ToString())]);
                Text(json, "mergedInto", version.MergedInto?.ToString());
                Each(
                    json,
                    "members",
                    version.Members,
                    static (inner, member) =>
                    {
                        inner.WriteString("name"u8, member.Name);
                        inner.WriteString("type"u8, member.Type);
                        inner.WriteBoolean("isRequired"u8, member.IsRequired);
                        Text(inner, "summary", member.Summary);
                    }
                );
                Flows(
                    json,
                    "shownIn",
                    version.ShownIn,
                    static (inner, flow) => inner.WriteString("readModel"u8, flow.ReadModel));
            }
        );
        Texts(writer, "formerNames", part.FormerNames);
        Texts(writer, "alsoStoredAs", part.AlsoStoredAs);
        Each(writer, "writers", part.Writers, static (json, one) =>
        {
            json.WriteString("kind"u8, ModelText.Of(one.Kind));
            json.WriteString("name"u8, one.Name);
            Texts(json, "commands", one.Commands);
        });
        Each(writer, "readers", part.Readers, static (json, one) =>
        {
            json.WriteString("kind"u8, ModelText.Of(one.Kind));
            json.WriteString("name"u8, one.Name);
        });
        Marks(writer, part.Marks);
    }

    public static void Write(Utf8JsonWriter writer, AggregateDescription part)
    {
        Head(writer, part.Name, part.Context, part.Summary);
        writer.WriteString("class"u8, part.Type);
        writer.WriteString("category"u8, part.Category);
        Text(writer, "id", part.Id);
        writer.WriteBoolean("isDecider"u8, part.IsDecider);
        writer.WriteNumber("snapshotEvery"u8, part.SnapshotEvery);
        Each(writer, "state", part.State, static (json, state) =>
        {
            json.WriteString("name"u8, state.Name);
            json.WriteString("type"u8, state.Type);
            Texts(json, "refersTo", state.RefersTo);
            Texts(json, "holds", state.Contains);
        });
        Each(writer, "methods", part.Methods, static (json, method) =>
        {
            json.WriteString("name"u8, method.Name);
            Text(json, "summary", method.Summary);
            Texts(json, "events", method.Events);
            Texts(json, "rules", method.Rules);
            Texts(json, "takes", method.Parameters);
        });
        Each(writer, "rules", part.Rules, Write);
        Texts(writer, "writes", part.Writes);
        Texts(writer, "reads", part.Reads);
    }

    /// <summary>Writes a rule in the same form everywhere.</summary>
    public static void Write(Utf8JsonWriter writer, RuleDescription rule)
    {
        writer.WriteString("name"u8, rule.Name);
        Texts(writer, "conditions", rule.Conditions);
        Text(writer, "message", rule.Message);
        Texts(writer, "methods", rule.Methods);
    }

    public static void Write(Utf8JsonWriter writer, CommandDescription part)
    {
        Head(writer, part.Name, part.Context, part.Summary);
        writer.WriteString("class"u8, part.Type.FullName);
        writer.WriteString("result"u8, ModelText.Of(part.ResultType));
        Members(writer, part.Members);
        Text(writer, "handler", part.Handler);
        Each(writer, "targets", part.Targets, static (json, target) =>
        {
            json.WriteString("aggregate"u8, target.Aggregate);
            json.WriteString("must"u8, JsonNamingPolicy.CamelCase.ConvertName(target.Must.ToString()));
            Texts(json, "methods", target.Methods);
            Texts(json, "events", target.Events);
        });
        Texts(writer, "appends", part.Appends);
        Texts(writer, "claims", part.Claims);
        Texts(writer, "rules", part.Rules);
        writer.WriteBoolean("isConditional"u8, part.IsConditional);
        Texts(writer, "conditions", part.Conditions);
        Texts(writer, "sentBy", part.SentBy);
    }

    public static void Write(Utf8JsonWriter writer, QueryDescription part)
    {
        Head(writer, part.Name, part.Context, part.Summary);
        writer.WriteString("class"u8, part.Type.FullName);
        writer.WriteString("result"u8, ModelText.Of(part.ResultType));
        Members(writer, part.Members);
        Texts(writer, "readModels", part.ReadModels);
    }

    public static void Write(Utf8JsonWriter writer, ReadModelDescription part)
    {
        Head(writer, part.Name, part.Context, part.Summary);
        writer.WriteNumber("version"u8, part.Version);
        writer.WriteString("lifecycle"u8, JsonNamingPolicy.CamelCase.ConvertName(part.Lifecycle.ToString()));
        writer.WriteString("key"u8, ModelText.Of(part.KeyType));
        writer.WriteString("document"u8, part.DocumentType.FullName);
        Members(writer, part.Members);
        Texts(writer, "events", part.Events);
        Flows(writer, "madeOf", part.MemberFlows, static (json, flow) =>
        {
            json.WriteString("event"u8, flow.Event);
            json.WriteNumber("version"u8, flow.EventVersion);
        });
        Texts(writer, "queries", part.Queries);
        Marks(writer, part.Marks);
    }

    public static void Write(Utf8JsonWriter writer, ConsumerDescription part)
    {
        Head(writer, part.Name, part.Context, part.Summary);
        writer.WriteString("in"u8, part.Location);
        writer.WriteBoolean("asksForAll"u8, part.ReceivesAllEvents);
        Texts(writer, "events", part.Events);
        Texts(writer, "sends", part.Sends);
    }

    public static void Write(Utf8JsonWriter writer, ProcessDescription part)
    {
        Head(writer, part.Name, part.Context, part.Summary);
        writer.WriteString("class"u8, part.Type);
        writer.WriteNumber("version"u8, part.Version);
        Texts(writer, "begunBy", part.StartedBy);
        Each(writer, "parts", part.Parts, Write);
        writer.WriteString("unexpected"u8, JsonNamingPolicy.CamelCase.ConvertName(part.Unexpected.ToString()));
        Texts(writer, "events", part.Events);
        Texts(writer, "sends", part.Sends);
    }

    private static void Write(Utf8JsonWriter writer, ProcessPart part)
    {
        writer.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(part.Kind.ToString()));
        writer.WriteString("name"u8, part.Name);
        Text(writer, "event", part.Event);
        if (part.Kind == ProcessPartKind.Step)
        {
            Texts(writer, "sends", part.Sends);
            writer.WriteBoolean("canBeUndone"u8, part.CanBeUndone);
            Texts(writer, "undoneBy", part.UndoneBy);
        }
        if (part.Within is { } within)
        {
            writer.WriteString("within"u8, within.ToString("c", System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteString("onTimeout"u8, TextOf(part.OnTimeout));
        }
        if (part.Kind == ProcessPartKind.Parallel)
            Each(writer, "steps", part.Steps, Write);
        if (part.Kind != ProcessPartKind.Decision)
            return;
        Each(writer, "then", part.Then, Write);
        Each(writer, "otherwise", part.Otherwise, Write);
    }

    private static void Flows(
        Utf8JsonWriter writer,
        string name,
        IEnumerable<MemberFlow> flows,
        Action<Utf8JsonWriter, MemberFlow> writeOther) =>
        Each(writer, name, flows, (json, flow) =>
        {
            writeOther(json, flow);
            Text(json, "member", flow.Member);
            Text(json, "field", flow.Field);
            json.WriteString("as"u8, JsonNamingPolicy.CamelCase.ConvertName(flow.Kind.ToString()));
        });

    public static void Texts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    public static void Each<T>(
        Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> members)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteStartObject();
            members(writer, item);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    public static void Text(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
            writer.WriteString(name, text);
    }

    private static void Marks(Utf8JsonWriter writer, IReadOnlyList<ProtectedMember> marks) =>
        Each(writer, "marks", marks, static (json, mark) =>
        {
            json.WriteString("path"u8, mark.Path);
            json.WriteString("kind"u8, mark.Kind);
            json.WriteBoolean("isSecret"u8, mark.IsSecret);
            Text(json, "subject", mark.Subject);
            Text(json, "subjectType", mark.SubjectType);
        });

    private static void Head(Utf8JsonWriter writer, string name, string context, string? summary)
    {
        writer.WriteString("name"u8, name);
        writer.WriteString("context"u8, context);
        Text(writer, "summary", summary);
    }

    private static void Members(Utf8JsonWriter writer, IEnumerable<MemberDescription> members) =>
        Each(writer, "members", members, static (json, member) =>
        {
            json.WriteString("name"u8, member.Name);
            json.WriteString("type"u8, ModelText.Of(member.Type));
            json.WriteBoolean("isRequired"u8, member is { IsRequired: true, AllowsNull: false });
            Text(json, "summary", member.Summary);
        });

    /// <summary>Returns the name in the JSON, which is older than the name of <c>Continue</c> in C#.</summary>
    private static string TextOf(TimeoutRule rule) =>
        rule == TimeoutRule.Continue ? "goOn" : JsonNamingPolicy.CamelCase.ConvertName(rule.ToString());
}
