using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Models;

/// <summary>Writes the registrations of a model, and its JSON metadata.</summary>
internal static class ModelEmitter
{
    private const string Metadata = "global::System.Text.Json.Serialization.Metadata.";

    public static SourceText EmitRegister(TypeDeclaration model, bool hasProcesses)
    {
        var code = new CodeWriter();
        code.OpenType(model, " : global::Millrace.IModel")
            .Line(
                "/// <summary>The JSON options of the model: camel case, null values omitted.</summary>"
            )
            .Line("public static global::System.Text.Json.JsonSerializerOptions Json => JsonTypes.Options;")
            .Line()
            .Line("/// <summary>The JSON metadata of the model, to add to other options.</summary>")
            .Line($"public static {Metadata}IJsonTypeInfoResolver JsonResolver => JsonTypes.Resolver;").Line()
            .Line("/// <inheritdoc/>")
            .Open("public static void Register(global::Millrace.ModelBuilder model)")
            .Line("global::System.ArgumentNullException.ThrowIfNull(model);")
            .Line("RegisterEvents(model);")
            .Line("RegisterAggregates(model);")
            .Line("RegisterCommands(model);")
            .Line("RegisterQueries(model);")
            .Line("RegisterProjections(model);");
        if (hasProcesses)
            code.Line("RegisterProcesses(model);");
        code.Line("model.Json(JsonTypes.Resolver);")
            .Line("Describe(model);")
            .Close()
            .Line()
            .Line(
                "/// <summary>Describes how the parts are connected. It is generated when the assembly is built, not "
                    + "while it is typed.</summary>"
            )
            .Line("static partial void Describe(global::Millrace.ModelBuilder model);");
        return code.CloseType(model).ToSource();
    }

    /// <summary>Writes the description as a constant, which costs nothing until it is read.</summary>
    public static SourceText EmitDescription(TypeDeclaration model, string description)
    {
        var code = new CodeWriter();
        code.OpenType(model)
            .Line("static partial void Describe(global::Millrace.ModelBuilder model) => model.Description(")
            .Raw(description)
            .Line(");");
        return code.CloseType(model).ToSource();
    }

    /// <summary>Writes the assembly attribute that names the model.</summary>
    public static SourceText EmitAssembly(TypeDeclaration model) => new CodeWriter()
        .Line($"[assembly: global::Millrace.AssemblyModel<{model.FullName}>]").ToSource();

    /// <summary>
    /// Writes an empty model for an additional <c>[Model]</c>. The additional model is an error, but code that uses it
    /// compiles.
    /// </summary>
    public static SourceText EmitEmpty(TypeDeclaration model) => new CodeWriter()
        .OpenType(model, " : global::Millrace.IModel")
        .Line("/// <inheritdoc/>")
        .Open("public static void Register(global::Millrace.ModelBuilder model)").Close()
        .CloseType(model).ToSource();

    public static SourceText EmitJsonTypes(
        TypeDeclaration model, IEnumerable<JsonShape> shapes, IEnumerable<JsonType> roots)
    {
        var emitter = new JsonEmitter(model);
        var entries = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var named = shapes.Where(shape => shape.Type.Form != JsonShapeKind.Variant);
        foreach (var shape in named.OrderBy(shape => shape.Type.Form == JsonShapeKind.Custom))
        {
            if (!entries.ContainsKey(shape.Type.Name))
                entries[shape.Type.Name] = Entry(
                    shape.Type.Name, $"new {emitter.ConverterOf(shape.Type)}()", shape.HasDerivedTypes);
        }
        foreach (var root in roots)
            AddRoot(entries, root);
        var code = new CodeWriter();
        code.OpenType(model).Open("private static class JsonTypes");
        WriteBody(code);
        if (named.Any(shape => shape.HasDerivedTypes))
            WriteWithoutDerived(code);
        code.Open("private sealed class ModelResolver : IJsonTypeInfoResolver");
        WriteResolver(code, entries.Values);
        return code.Close().Close().CloseType(model).ToSource();
    }

    private static void WriteBody(CodeWriter code) => code
        .Line("public static readonly IJsonTypeInfoResolver Resolver = new ModelResolver();").Line()
        .Line("public static readonly JsonSerializerOptions Options = CreateOptions();").Line()
        .Line("public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));").Line()
        .Open("private static JsonSerializerOptions CreateOptions()")
        .Open("var options = new JsonSerializerOptions")
        .Line("TypeInfoResolver = Resolver,")
        .Line("PropertyNamingPolicy = JsonNamingPolicy.CamelCase,")
        .Line("DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,")
        .Close(";")
        .Line("options.MakeReadOnly();")
        .Line("return options;")
        .Close().Line();

    /// <summary>
    /// Writes a method that removes the derived types from metadata. The converter handles derived types, and
    /// System.Text.Json rejects metadata that also contains them.
    /// </summary>
    private static void WriteWithoutDerived(CodeWriter code) => code
        .Open("private static JsonTypeInfo WithoutDerived(JsonTypeInfo info)")
        .Line("info.PolymorphismOptions = null;")
        .Line("return info;")
        .Close().Line();

    private static void WriteResolver(CodeWriter code, IEnumerable<string> entries)
    {
        const string Maker = "global::System.Func<JsonSerializerOptions, JsonTypeInfo>";
        code.Line(
                $"private static readonly global::System.Collections.Generic.Dictionary<global::System.Type, {Maker}> "
                    + "Makers = new()"
            )
            .Line("{");
        foreach (var entry in entries)
            code.Inner(entry);
        code.Line("};").Line()
            .Line("public JsonTypeInfo? GetTypeInfo(global::System.Type type, JsonSerializerOptions options) =>")
            .Inner("Makers.TryGetValue(type, out var make) ? make(options) : null;");
    }

    private static void AddRoot(SortedDictionary<string, string> entries, JsonType root)
    {
        if (entries.ContainsKey(root.Name))
            return;
        switch (root.Form)
        {
            case JsonShapeKind.Primitive:
                entries[root.Name] = Entry(root.Name, $"JsonMetadataServices.{BuiltIn(root.Primitive!.Name)}Converter");
                break;
            case JsonShapeKind.Wrapper:
                entries[root.Name] = Entry(root.Name, $"new {root.Name}.JsonConverter()");
                break;
            case JsonShapeKind.Nullable:
                AddRoot(entries, root.Item!);
                entries[root.Name] = Entry(
                    root.Name, $"JsonMetadataServices.GetNullableConverter<{root.Item!.Name}>(options)");
                break;
        }
    }

    private static string Entry(string type, string converter, bool hasDerivedTypes = false)
    {
        var creation = $"JsonMetadataServices.CreateValueInfo<{type}>(options, {converter})";
        return $"[typeof({type})] = static options => {(hasDerivedTypes ? $"WithoutDerived({creation})" : creation)},";
    }

    private static string BuiltIn(string primitive) => primitive switch
    {
        "Bytes" => "ByteArray",
        "Element" => "JsonElement",
        _ => primitive,
    };
}
