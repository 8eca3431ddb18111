using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Cbor;
using Millrace.Generators.Marks;
using Millrace.Generators.Models;
using Millrace.Generators.Roslyn;
using Millrace.Generators.Upcasts;

namespace Millrace.Generators.Events;

/// <summary>Writes the registration of the events.</summary>
internal static class EventEmitter
{
    public static SourceText Emit(
        TypeDeclaration model, ModelParts parts, string contract, IReadOnlyList<MarkedType> marked)
    {
        var code = new CodeWriter();
        code.OpenType(model)
            .Line(
                "/// <summary>The shapes of the stored events: the text of <c>events.contract.json</c>.</summary>"
            )
            .Line($"public const string EventsContract = {contract.Literal()};")
            .Line()
            .Open("private static void RegisterEvents(global::Millrace.ModelBuilder model)")
            .Line("model.Contract(EventsContract);");
        var cbor = new CborEmitter(model);
        foreach (var eventModel in parts.Events)
            WriteEvent(code, eventModel, cbor);
        foreach (var eventModel in parts.Events)
        {
            foreach (var former in eventModel.Formerly)
                code.Line($"model.FormerName({former.Literal()}, {eventModel.Name.Literal()});");
            if (eventModel.ReadableBy > 0)
                code.Line($"model.ReadableBy<{eventModel.FullName}>({eventModel.ReadableBy.Literal()});");
        }
        foreach (var upcast in parts.Upcasts)
            UpcastEmitter.Write(code, upcast);
        MarkEmitter.Write(code, "Protect", marked);
        return code.Close().CloseType(model).ToSource();
    }

    private static void WriteEvent(CodeWriter code, EventModel eventModel, CborEmitter cbor)
    {
        var end = eventModel.Tags.Count == 0 ? ");" : ", tags: static (data, tags) =>";
        var nameAndVersion = $"{eventModel.Name.Literal()}, {eventModel.Version.Literal()}";
        var start = $"{nameAndVersion}, JsonTypes.Of<{eventModel.FullName}>()";
        code.Line($"model.Event<{eventModel.FullName}>(");
        if (eventModel.HasCbor)
            // Types with CBOR have a root.
            code.Inner(start + ",").Inner(CborOf(eventModel, cbor.NameOf(eventModel.Json.Root!)) + end);
        else
            code.Inner(start + end);
        if (eventModel.Tags.Count == 0)
            return;
        code.Open("");
        foreach (var tag in eventModel.Tags)
            WriteTag(code, tag);
        code.Close(");");
    }

    private static string CborOf(EventModel eventModel, string name)
    {
        var format = eventModel.Format switch
        {
            EventModel.FormatJson => ", global::Millrace.EventFormat.Json",
            EventModel.FormatCbor => ", global::Millrace.EventFormat.Cbor",
            _ => "",
        };
        return $"new global::Millrace.CborEventFormat<{eventModel.FullName}>"
            + $"({name}.WriteValue, {name}.ReadValue){format}";
    }

    private static void WriteTag(CodeWriter code, TagModel tag)
    {
        var (local, member) = (tag.Member + "Given", "data." + Casing.Escaped(tag.Member));
        if (tag.IsMany)
            code.Open(tag.AllowsNull ? $"foreach (var item in {member} ?? [])" : $"foreach (var item in {member})");
        else if (tag.AllowsNull)
            code.Open($"if ({member} is {{ }} {local})");
        if (tag is { IsMany: true, ItemAllowsNull: true })
            code.Open($"if (item is {{ }} {local})");
        var value = tag switch
        {
            { IsMany: true, ItemAllowsNull: false } => "item",
            { IsMany: false, AllowsNull: false } => member,
            _ => local,
        };
        code.Line($"tags.Add(global::Millrace.Tag.For({tag.Name.Literal()}, {value}));");
        if (tag.IsMany || tag.AllowsNull)
            code.Close();
        if (tag is { IsMany: true, ItemAllowsNull: true })
            code.Close();
    }
}
