using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Cbor;
using Millrace.Generators.Models;
using Millrace.Generators.Roslyn;
using Millrace.Generators.Upcasts;

namespace Millrace.Generators.Events;

/// <summary>Writes the registration of the events.</summary>
internal static class EventEmitter
{
    public static SourceText Emit(TypeDeclaration model, ModelParts parts, string contract)
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
        foreach (var found in parts.Events)
            WriteEvent(code, found, cbor);
        foreach (var found in parts.Events)
        {
            foreach (var former in found.Formerly)
                code.Line($"model.FormerName({former.Literal()}, {found.Name.Literal()});");
            if (found.ReadableBy > 0)
                code.Line($"model.ReadableBy<{found.FullName}>({found.ReadableBy.Literal()});");
        }
        foreach (var upcast in parts.Upcasts)
            UpcastEmitter.Write(code, upcast);
        return code.Close().CloseType(model).ToSource();
    }

    private static void WriteEvent(CodeWriter code, EventModel found, CborEmitter cbor)
    {
        var end = found.Tags.Count == 0 ? ");" : ", tags: static (data, tags) =>";
        var start = $"{found.Name.Literal()}, {found.Version.Literal()}, JsonTypes.Of<{found.FullName}>()";
        code.Line($"model.Event<{found.FullName}>(");
        if (found.HasCbor)
            // Types with CBOR have a root.
            code.Inner(start + ",").Inner(CborOf(found, cbor.NameOf(found.Json.Root!)) + end);
        else
            code.Inner(start + end);
        if (found.Tags.Count == 0)
            return;
        code.Open("");
        foreach (var tag in found.Tags)
            WriteTag(code, tag);
        code.Close(");");
    }

    private static string CborOf(EventModel found, string name)
    {
        var format = found.Format switch
        {
            EventModel.FormatJson => ", global::Millrace.EventFormat.Json",
            EventModel.FormatCbor => ", global::Millrace.EventFormat.Cbor",
            _ => "",
        };
        return $"new global::Millrace.CborEventFormat<{found.FullName}>({name}.WriteValue, {name}.ReadValue){format}";
    }

    private static void WriteTag(CodeWriter code, TagModel tag)
    {
        var (given, member) = (tag.Member + "Given", "data." + Casing.Escaped(tag.Member));
        if (tag.IsMany)
            code.Open(tag.AllowsNull ? $"foreach (var item in {member} ?? [])" : $"foreach (var item in {member})");
        else if (tag.AllowsNull)
            code.Open($"if ({member} is {{ }} {given})");
        if (tag is { IsMany: true, ItemAllowsNull: true })
            code.Open($"if (item is {{ }} {given})");
        var value = tag switch
        {
            { IsMany: true, ItemAllowsNull: false } => "item",
            { IsMany: false, AllowsNull: false } => member,
            _ => given,
        };
        code.Line($"tags.Add(global::Millrace.Tag.For({tag.Name.Literal()}, {value}));");
        if (tag.IsMany || tag.AllowsNull)
            code.Close();
        if (tag is { IsMany: true, ItemAllowsNull: true })
            code.Close();
    }
}
